// Command three-tier-go declares a web server, an API and a database, each of which reaches the next one.
package main

import (
	"strconv"

	"example.com/pulumi-bulkhead/sdk/go/bulkhead"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func http(port int) pulumi.StringArray {
	return pulumi.ToStringArray([]string{"/bin/busybox", "httpd", "-f", "-p", strconv.Itoa(port), "-h", "/tmp"})
}

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		image := config.Get(ctx, "image")
		if image == "" {
			image = "busybox:1.37.0"
		}
		// Components of a package have no methods here: a link is a network that both ends are on.
		webAPI, err := bulkhead.NewPrivateNetwork(ctx, "web-api", nil)
		if err != nil {
			return err
		}
		apiDB, err := bulkhead.NewPrivateNetwork(ctx, "api-db", nil)
		if err != nil {
			return err
		}
		scratch := []bulkhead.ScratchArgs{{Path: "/tmp"}}
		db, err := bulkhead.NewHardenedContainer(ctx, "db", &bulkhead.HardenedContainerArgs{
			Image: pulumi.String(image), Memory: pulumi.String("64Mi"), Command: http(5432), Scratch: scratch,
			Networks: pulumi.StringArray{apiDB.NetworkName},
		})
		if err != nil {
			return err
		}
		api, err := bulkhead.NewHardenedContainer(ctx, "api", &bulkhead.HardenedContainerArgs{
			Image: pulumi.String(image), Memory: pulumi.String("32Mi"), Command: http(9000), Scratch: scratch,
			Networks: pulumi.StringArray{webAPI.NetworkName, apiDB.NetworkName},
		})
		if err != nil {
			return err
		}
		web, err := bulkhead.NewHardenedContainer(ctx, "web", &bulkhead.HardenedContainerArgs{
			Image: pulumi.String(image), Memory: pulumi.String("32Mi"), PidsLimit: pulumi.Int(32), Command: http(8080), Scratch: scratch,
			Networks: pulumi.StringArray{webAPI.NetworkName},
			Publish:  []bulkhead.PublishArgs{{Port: 8080}},
		})
		if err != nil {
			return err
		}
		ctx.Export("containers", pulumi.StringArray{web.ContainerName, api.ContainerName, db.ContainerName})
		return nil
	})
}
