// Kawaraban is a whole newspaper in one program.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // the paper's zone must be known on a machine that has none

	"github.com/alecthomas/kong"

	"kawaraban/internal/config"
)

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// commands are what the program can do; the settings are flags of all of them.
type commands struct {
	settings

	Serve       serveCommand       `cmd:"" help:"Serve the paper."`
	Demo        demoCommand        `cmd:"" help:"Start a whole demo paper with two sister papers beside it."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database up to what this program needs, and say what was done."`
	Wire        wireCommands       `cmd:"" help:"Agencies whose copy comes in: add, list, run."`
	User        userCommands       `cmd:"" help:"People with an account: add."`
	Moderation  moderationCommands `cmd:"" help:"What moderators decided: statements."`
	Mail        mailCommands       `cmd:"" help:"The paper's letters: check, records."`
	Subscribers subscriberCommands `cmd:"" help:"Who subscribes to newsletters: import, export."`
	Search      searchCommands     `cmd:"" help:"What readers find: rebuild."`
	Verify      verifyCommand      `cmd:"" help:"Look for damage in the database and the files, and say what to do."`
	Config      configCommands     `cmd:"" help:"Settings: describe."`
	Version     versionCommand     `cmd:"" help:"Print the program's version."`
}

const description = `A whole newspaper in one program: agency copy comes in, readers read it.

Start with "kawaraban demo" to see one. A paper of your own is
"kawaraban serve --data DIR --base-url https://paper.example".

Settings are flags, or variables such as KAWARABAN_BASE_URL, or keys of a file
(base_url in the file that --config names), in that order of strength.
"kawaraban config describe" explains each.`

// run is main with its surroundings as arguments, and returns the exit status.
func run(args, environ []string, stdout, stderr io.Writer) (status int) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once

	var c commands
	exited := -1
	parser, err := kong.New(&c, kong.Name("kawaraban"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { exited = status }), kong.UsageOnError(), config.SecretFiles(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}))
	if err != nil {
		panic(err) // the commands above are wrong
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help has said it all
	}
	if err != nil {
		return complain(stderr, fmt.Errorf("%w. %q shows what there is", err, "kawaraban --help"))
	}
	origins, err := config.Load(&c.settings, config.Sources{Flags: config.Flags(k), Environ: environ, File: c.ConfigFile})
	if err != nil {
		return complain(stderr, err)
	}
	p := &process{
		settings: &c.settings, origins: origins, stdout: stdout, stderr: stderr,
		log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(p); err != nil {
		return complain(stderr, err)
	}
	return 0
}

// A process is what commands share.
type process struct {
	*settings
	origins config.Origins
	stdout  io.Writer
	stderr  io.Writer
	log     *slog.Logger
}

// complain says in one sentence what stands in the way.
func complain(stderr io.Writer, err error) int {
	sentence := strings.TrimRight(err.Error(), ".\n")
	fmt.Fprintf(stderr, "kawaraban: %s.\n", sentence)
	return 1
}
