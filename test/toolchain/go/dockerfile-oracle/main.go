// Command dockerfile-oracle reads Dockerfiles as BuildKit does.
//
// It reads one JSON object a line from standard input, {"text": Dockerfile, "target": stage, "args": {name: value}}, and
// writes one a line, in the same order: {"escape", "ast": [{"instruction", "flags", "args", "json", "original", "startLine",
// "endLine", "heredocs": [{"name", "expand", "chomp", "content"}], "trigger"}], "error"} as the parser has it, and of the
// build {"images": [references that it asks a registry for], "user", "buildError"}. No registry is asked: every image
// exists, and is empty.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type request struct {
	Text   string            `json:"text"`
	Target string            `json:"target"`
	Args   map[string]string `json:"args"`
}

type heredoc struct {
	Name    string `json:"name"`
	Expand  bool   `json:"expand"`
	Chomp   bool   `json:"chomp"`
	Content string `json:"content"`
}

type instruction struct {
	Instruction string       `json:"instruction"`
	Flags       []string     `json:"flags"`
	Args        []string     `json:"args"`
	JSON        bool         `json:"json"`
	Original    string       `json:"original"`
	StartLine   int          `json:"startLine"`
	EndLine     int          `json:"endLine"`
	Heredocs    []heredoc    `json:"heredocs"`
	Trigger     *instruction `json:"trigger,omitempty"`
}

type response struct {
	Escape     string        `json:"escape,omitempty"`
	AST        []instruction `json:"ast,omitempty"`
	Error      string        `json:"error,omitempty"`
	Images     []string      `json:"images,omitempty"`
	User       string        `json:"user,omitempty"`
	BuildError string        `json:"buildError,omitempty"`
}

// Every image exists, and is empty; what was asked for is kept.
type resolver struct {
	mutex sync.Mutex
	asked map[string]bool
}

func (r *resolver) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.asked[ref] = true
	return ref, "", []byte(`{"architecture":"amd64","os":"linux","config":{}}`), nil
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for in.Scan() {
		var req request
		if err := json.Unmarshal(in.Bytes(), &req); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if err := encoder.Encode(answer(req)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

func answer(req request) (res response) {
	parsed, err := parser.Parse(strings.NewReader(req.Text))
	if err != nil {
		res.Error = err.Error()
		return res
	}
	res.Escape = string(parsed.EscapeToken)
	for _, node := range parsed.AST.Children {
		res.AST = append(res.AST, convert(node))
	}
	// What the frontend panics on is no answer to compare with.
	defer func() {
		if r := recover(); r != nil {
			res.BuildError = fmt.Sprint("panic: ", r)
		}
	}()
	images := &resolver{asked: map[string]bool{}}
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	result, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(req.Text), dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{Target: req.Target, BuildArgs: req.Args},
		TargetPlatform: &platform,
		MetaResolver:   images,
	})
	for ref := range images.asked {
		res.Images = append(res.Images, ref)
	}
	sort.Strings(res.Images)
	if err != nil {
		res.BuildError = err.Error()
		return res
	}
	if result.Image != nil {
		res.User = result.Image.Config.User
	}
	return res
}

func convert(node *parser.Node) instruction {
	res := instruction{Instruction: strings.ToUpper(node.Value), Flags: node.Flags, JSON: node.Attributes["json"], Original: node.Original, StartLine: node.StartLine, EndLine: node.EndLine}
	for next := node.Next; next != nil; next = next.Next {
		res.Args = append(res.Args, next.Value)
		if len(next.Children) > 0 {
			trigger := convert(next.Children[0])
			res.Trigger = &trigger
		}
	}
	for _, doc := range node.Heredocs {
		res.Heredocs = append(res.Heredocs, heredoc{doc.Name, doc.Expand, doc.Chomp, doc.Content})
	}
	return res
}
