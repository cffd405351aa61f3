// Command go-program declares a container that is hardened and one that is not.
package main

import (
	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const image = "registry.example.com/app:1@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		provider, err := docker.NewProvider(ctx, "docker", &docker.ProviderArgs{DisableDockerDaemonCheck: pulumi.Bool(true)})
		if err != nil {
			return err
		}
		if _, err := docker.NewContainer(ctx, "cache", &docker.ContainerArgs{
			Name: pulumi.String("cache"), Image: pulumi.String(image), Privileged: pulumi.Bool(true), IpcMode: pulumi.String("host"),
		}, pulumi.Provider(provider)); err != nil {
			return err
		}
		_, err = docker.NewContainer(ctx, "web", &docker.ContainerArgs{
			Name: pulumi.String("web"), Image: pulumi.String(image), User: pulumi.String("10001:10001"), ReadOnly: pulumi.Bool(true), Memory: pulumi.Int(64),
			Capabilities: &docker.ContainerCapabilitiesArgs{Drops: pulumi.StringArray{pulumi.String("ALL")}},
			SecurityOpts: pulumi.StringArray{pulumi.String("no-new-privileges:true")},
		}, pulumi.Provider(provider))
		return err
	})
}
