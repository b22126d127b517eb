package config

import (
	"reflect"
	"slices"

	"github.com/alecthomas/kong"
)

// Given are the settings that stand on the command line: the flag that gave
// each one, by the setting's name.
type Given map[string]string

// Flags returns what the command line gave, for Load to leave alone.
func Flags(ctx *kong.Context) Given {
	given := Given{}
	for _, p := range ctx.Path {
		if p.Flag == nil {
			continue
		}
		name := p.Flag.Name
		if mapper, ok := p.Flag.Mapper.(secretFile); ok {
			name = string(mapper)
		}
		given[name] = "--" + p.Flag.Name
	}
	return given
}

// SecretFiles is the option with which kong reads a Secret's flag: --NAME is
// refused with the reason and is not in the help, --NAME-file is a file.
func SecretFiles() kong.Option {
	return kong.PostBuild(func(k *kong.Kong) error {
		return kong.Visit(k.Model.Node, func(node kong.Visitable, next kong.Next) error {
			if n, ok := node.(*kong.Node); ok {
				addFileFlags(n)
			}
			return next(nil)
		})
	})
}

// addFileFlags gives each Secret among n's flags its --NAME-file.
func addFileFlags(n *kong.Node) {
	for _, flag := range slices.Clone(n.Flags) {
		if flag.Target.Type() != secretType {
			continue
		}
		flag.Hidden = true
		tag := *flag.Tag
		fromFile := &kong.Flag{
			Value: &kong.Value{
				Name: flag.Name + "-file", Help: flag.Help, OrigHelp: flag.OrigHelp,
				Mapper: secretFile(flag.Name), Tag: &tag, Target: flag.Target,
			},
			Group: flag.Group, PlaceHolder: "FILE",
		}
		fromFile.Flag = fromFile
		n.Flags = append(n.Flags, fromFile)
	}
}

// A secretFile sets the Secret of this name from the file that its flag names.
type secretFile string

// Decode reads the secret. The path is relative to the working directory.
func (secretFile) Decode(ctx *kong.DecodeContext, target reflect.Value) error {
	var path string
	if err := ctx.Scan.PopValueInto("file", &path); err != nil {
		return err
	}
	secret, err := readSecret(path)
	if err != nil {
		return err
	}
	target.Set(valueOf(secret))
	return nil
}
