// Command pulumi-resource-kubernetes serves the Kubernetes provider. Its own main embeds files that are not in the
// module; the two embedded here are copied out of the module cache before the build.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var mapping []byte

var version = "4.25.0"

func main() {
	provider.Serve("kubernetes", version, schema, mapping)
}
