import pulumi
from pulumi_bulkhead import HardenedContainer, PrivateNetwork

image = pulumi.Config().get("image") or "busybox:1.37.0"


def http(port: int) -> list[str]:
    return ["/bin/busybox", "httpd", "-f", "-p", str(port), "-h", "/tmp"]


# Components of a package have no methods here: a link is a network that both ends are on.
web_api = PrivateNetwork("web-api")
api_db = PrivateNetwork("api-db")

db = HardenedContainer("db", image=image, memory="64Mi", command=http(5432), scratch=[{"path": "/tmp"}], networks=[api_db.network_name])
api = HardenedContainer("api", image=image, memory="32Mi", command=http(9000), scratch=[{"path": "/tmp"}], networks=[web_api.network_name, api_db.network_name])
web = HardenedContainer("web", image=image, memory="32Mi", pids_limit=32, command=http(8080), scratch=[{"path": "/tmp"}], networks=[web_api.network_name], publish=[{"port": 8080}])

pulumi.export("containers", [web.container_name, api.container_name, db.container_name])
