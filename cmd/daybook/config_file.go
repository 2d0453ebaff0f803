package main

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// configFile is daybook.yaml as people write it; docs/configuration.md shows
// every key. Unknown keys are errors.
type configFile struct {
	Usage    usageConfig       `yaml:"usage"`
	Registry string            `yaml:"registry"`
	Book     string            `yaml:"book"`
	Out      string            `yaml:"out"`
	Start    string            `yaml:"start"`
	S3       s3Config          `yaml:"s3"`
	Schedule map[string]string `yaml:"schedule"`
	Daily    dailyConfig       `yaml:"daily"`
	Closing  closingConfig     `yaml:"closing"`
	Webhooks []webhookConfig   `yaml:"webhooks"`
	Issuer   issuerConfig      `yaml:"issuer"`
	Workers  int               `yaml:"workers"`
	Signing  signingConfig     `yaml:"signing"`
	Serve    serveConfig       `yaml:"serve"`
	// Documents are systems whose pages are published.
	Documents []string `yaml:"documents"`
}

type usageConfig struct {
	At      string                  `yaml:"at"`
	Layout  layoutConfig            `yaml:"layout"`
	Columns map[string]sourceConfig `yaml:"columns"`
	// Checksums is auto, required or off.
	Checksums     string `yaml:"checksums"`
	Memory        string `yaml:"memory"`
	Temporary     string `yaml:"temporary"`
	Isolate       bool   `yaml:"isolate"`
	IsolateMemory string `yaml:"isolate_memory"`
}

type layoutConfig struct {
	Partition string `yaml:"partition"`
	Means     string `yaml:"means"`
	Zone      string `yaml:"zone"`
	Late      string `yaml:"late"`
}

type sourceConfig struct {
	Column string   `yaml:"column"`
	Const  string   `yaml:"const"`
	HashOf []string `yaml:"hash_of"`
	None   bool     `yaml:"none"`
}

type s3Config struct {
	Endpoint  string `yaml:"endpoint"`
	Region    string `yaml:"region"`
	PathStyle bool   `yaml:"path_style"`
}

type dailyConfig struct {
	Grace string `yaml:"grace"`
}

type closingConfig struct {
	Every          string               `yaml:"every"`
	Grace          string               `yaml:"grace"`
	Expect         expectConfig         `yaml:"expect"`
	Corrections    string               `yaml:"corrections"`
	ClosedAfter    string               `yaml:"closed_after"`
	CorrectionsMax correctionsMaxConfig `yaml:"corrections_max"`
}

type correctionsMaxConfig struct {
	Accounts string `yaml:"accounts"`
	Bill     string `yaml:"bill"`
}

type expectConfig struct {
	Marker      string `yaml:"marker"`
	FilesPerDay int    `yaml:"files_per_day"`
	MinAge      string `yaml:"min_age"`
}

type webhookConfig struct {
	ID          string   `yaml:"id"`
	URL         string   `yaml:"url"`
	Events      []string `yaml:"events"`
	Since       string   `yaml:"since"`
	Secrets     []string `yaml:"secrets"`
	SecretsFile string   `yaml:"secrets_file"`
	Signature   string   `yaml:"signature"`
	Format      string   `yaml:"format"`
	Timeout     string   `yaml:"timeout"`
	Insecure    bool     `yaml:"insecure"`
	Allow       []string `yaml:"allow"`
}

type signingConfig struct {
	Key     string `yaml:"key"`
	KeyFile string `yaml:"key_file"`
}

type issuerConfig struct {
	Name    string            `yaml:"name"`
	Address []string          `yaml:"address"`
	TaxID   string            `yaml:"tax_id"`
	Terms   string            `yaml:"terms"`
	Series  map[string]string `yaml:"series"`
}

// UnmarshalYAML reads a mapped column given as a plain name or as a mapping.
// Faults keep their place in the file, as a node knows its own.
func (s *sourceConfig) UnmarshalYAML(node ast.Node) error {
	var name string
	if yaml.NodeToValue(node, &name) == nil {
		s.Column = name
		return nil
	}
	type plain sourceConfig
	return yaml.NodeToValue(node, (*plain)(s), yaml.Strict())
}

// yamlFault is what is wrong with a configuration and where, with the line
// itself: values of the wrong kind in the words of people who write them.
func yamlFault(err error) string {
	var value *yaml.TypeError
	var shape *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &value):
		remedy := map[reflect.Kind]string{reflect.Bool: "write true or false", reflect.Int: "write a whole number", reflect.String: "write a text"}
		err = &yaml.SyntaxError{Message: fmt.Sprintf("%q cannot stand here: %s", value.Token.Value, cmp.Or(remedy[value.DstType.Kind()], "see docs/configuration.md")), Token: value.Token}
	case errors.As(err, &shape):
		remedy := map[ast.NodeType]string{ast.MappingType: "write `key: value` below the key", ast.SequenceType: "write a list, `[a, b]` or `- a` below the key"}
		err = &yaml.SyntaxError{Message: fmt.Sprintf("this place takes no %s: %s", strings.ToLower(shape.Actual.YAMLName()), cmp.Or(remedy[shape.Expected], "see docs/configuration.md")), Token: shape.Token}
	}
	return yaml.FormatError(err, false, true)
}
