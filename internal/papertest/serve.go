package papertest

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Serve answers with h on a port of this machine until the test ends. Pages that
// are still open then are cut off: some hold a request open for as long as they
// are, and a server that waits for them waits until the browser closes.
func Serve(t testing.TB, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() {
		server.Listener.Close() // a page that is cut off calls again
		server.CloseClientConnections()
		server.Close()
	})
	return server
}
