package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"kawaraban/internal/config"
)

type migrateCommand struct{}

// Run migrates a database that nobody serves.
func (migrateCommand) Run(ctx context.Context, p *process) error {
	if err := p.folder(); err != nil {
		return err
	}
	unlock, err := lock(p.Data, "nothing: it migrates")
	if err != nil {
		return err
	}
	defer unlock()
	paper, err := openDatabase(ctx, p.settings, p.origins, p.log)
	if err != nil {
		return err
	}
	defer paper.close()
	steps, err := paper.migrate(ctx)
	if err != nil {
		return err
	}
	if steps == 0 {
		fmt.Fprintln(p.stdout, "The database is up to date.")
		return nil
	}
	fmt.Fprintf(p.stdout, "The database is up to date: %d steps were taken.\n", steps)
	return nil
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(p *process) error {
	fmt.Fprintln(p.stdout, "kawaraban", version())
	return nil
}

// version is what the build recorded: a release, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v == "(devel)" {
			v = s.Value[:min(12, len(s.Value))]
		}
	}
	return v + " " + info.GoVersion
}

type configCommands struct {
	Describe describeCommand `cmd:"" help:"Explain every setting: its flag, variable, key, and what it is now."`
}

type describeCommand struct {
	Values bool `help:"Print what each setting is now, and where that comes from."`
}

// Run describes the settings as a table in Markdown.
func (d describeCommand) Run(p *process) error {
	if d.Values {
		return config.DescribeValues(p.stdout, p.settings, p.origins)
	}
	return config.Describe(p.stdout, &settings{})
}
