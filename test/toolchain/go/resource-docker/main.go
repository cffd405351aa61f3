// Command pulumi-resource-docker bridges the upstream Docker provider, which the official one wraps too.
package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	tfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

//go:embed bridge-metadata.json
var metadata []byte

const version = "4.6.0"

func token(name string) tokens.Type {
	lower := strings.ToLower(name[:1]) + name[1:]
	return tokens.Type(path.Join("docker:index", lower) + ":" + name)
}

func function(name string) tokens.ModuleMember {
	return tokens.ModuleMember("docker:index/" + name + ":" + name)
}

// YAML programs ask the provider for its schema; making it takes about a second, so it is kept beside the program.
func schema(info tfbridge.ProviderInfo) []byte {
	executable, err := os.Executable()
	if err != nil {
		return []byte("{}")
	}
	file := executable + ".schema.json"
	if known, err := os.ReadFile(file); err == nil {
		return known
	}
	sink := diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
	made, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo:    info,
		DiagnosticsSink: sink,
		XInMemoryDocs:   true,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "no schema:", err)
		return []byte("{}")
	}
	bytes, err := json.Marshal(made.PackageSpec)
	if err != nil {
		return []byte("{}")
	}
	temporary := fmt.Sprintf("%s.%d.tmp", file, os.Getpid())
	if os.WriteFile(temporary, bytes, 0o644) == nil {
		_ = os.Rename(temporary, file)
	}
	return bytes
}

func main() {
	info := tfbridge.ProviderInfo{
		P:                shimv2.NewProvider(provider.New(version)()),
		Name:             "docker",
		Version:          version,
		MetadataInfo:     tfbridge.NewProviderMetadata(metadata),
		UpstreamRepoPath: "",
		Config: map[string]*tfbridge.SchemaInfo{
			"registry_auth": {Name: "registryAuth"},
		},
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_container": {
				Tok:                 token("Container"),
				DeleteBeforeReplace: true,
				Fields: map[string]*tfbridge.SchemaInfo{
					"command":           {Name: "command"},
					"networks_advanced": {Name: "networksAdvanced"},
				},
			},
			"docker_image":          {Tok: token("RemoteImage")},
			"docker_network":        {Tok: token("Network")},
			"docker_volume":         {Tok: token("Volume")},
			"docker_secret":         {Tok: token("Secret")},
			"docker_service":        {Tok: token("Service")},
			"docker_config":         {Tok: token("ServiceConfig")},
			"docker_registry_image": {Tok: token("RegistryImage")},
			"docker_plugin":         {Tok: token("Plugin")},
			"docker_tag":            {Tok: token("Tag")},
		},
		DataSources: map[string]*tfbridge.DataSourceInfo{
			"docker_image":                    {Tok: function("getImage")},
			"docker_logs":                     {Tok: function("getLogs")},
			"docker_network":                  {Tok: function("getNetwork")},
			"docker_plugin":                   {Tok: function("getPlugin")},
			"docker_registry_image":           {Tok: function("getRegistryImage")},
			"docker_registry_image_manifests": {Tok: function("getRegistryImageManifests")},
		},
		IgnoreMappings: []string{"docker_buildx_builder"},
	}
	info.SetAutonaming(255, "-")
	tfbridge.Main("docker", version, info, schema(info))
}
