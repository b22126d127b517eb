package papertest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// PostgresEnv names the environment variable with the folder of a running
// cluster's socket. With it, test processes share one cluster.
const PostgresEnv = "KAWARABAN_TEST_POSTGRES"

// errNoPostgres says that PostgreSQL's programs are not on this machine.
var errNoPostgres = errors.New("no initdb found")

// keeper runs in a shell beside the test process. It starts a cluster that
// listens on a socket in a folder of its own, says where, and waits for the end
// of its input: that comes when the test process ends, however it ends. Ctrl-C
// reaches it too and is ignored, so that it always cleans up.
const keeper = `
trap '' INT TERM HUP
bin=$1
dir=$(mktemp -d /tmp/kawaraban-pg-XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 &&
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 60 -o "-F -k $dir -c listen_addresses= \
	-c max_connections=300 -c full_page_writes=off -c max_wal_size=4GB -c autovacuum=off" start >/dev/null 2>&1 ||
{ cat "$dir/log" >&2; exit 1; }
echo "$dir"
cat >/dev/null
"$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1
`

// A Server is a temporary PostgreSQL cluster. It keeps nothing safe: fsync is
// off. It goes when Stop is called, when the Server is garbage, or when this
// process ends, even if it is killed.
type Server struct {
	Socket string // the folder of its socket

	keeper *exec.Cmd
	input  io.Closer
}

// StartPostgres makes a temporary cluster.
func StartPostgres() (*Server, error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", keeper, "sh", bin)
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		cmd = exec.Command("runuser", "-u", "postgres", "--", "sh", "-c", keeper, "sh", bin)
	}
	cmd.Dir = os.TempDir()
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("start PostgreSQL: %w\n%s", errors.Join(err, cmd.Wait()), complaint.String())
	}
	return &Server{Socket: strings.TrimSpace(line), keeper: cmd, input: in}, nil
}

// Stop ends the cluster and removes its folder.
func (s *Server) Stop() error {
	s.input.Close()
	return s.keeper.Wait()
}

// postgresBin finds initdb where Debian puts it, newest first, or in PATH.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	slices.Sort(found)
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNoPostgres
	}
	return filepath.Dir(path), nil
}

// server is the cluster that the environment names, or one that is started once
// for this test process. Nobody stops that one: it sees the process end.
var server = sync.OnceValues(func() (*Server, error) {
	if dir := os.Getenv(PostgresEnv); dir != "" {
		return &Server{Socket: dir}, nil
	}
	return StartPostgres()
})
