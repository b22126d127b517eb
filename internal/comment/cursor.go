package comment

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// timeCursor names a place in a list that is ordered by time and id.
func timeCursor(at time.Time, id string) string {
	return strconv.FormatInt(at.UnixMicro(), 36) + "." + id
}

func parseCursor(cursor string) (at int64, id string, err error) {
	created, id, ok := strings.Cut(cursor, ".")
	at, err = strconv.ParseInt(created, 36, 64)
	if !ok || err != nil || len(id) > 40 {
		return 0, "", &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at its beginning."}
	}
	return at, id, nil
}

// olderThan narrows a list that is ordered by time and id, the newest first, to
// what comes after a cursor; "" is the beginning of the list.
func olderThan(args *[]any, table, before string) (where string, err error) {
	if before == "" {
		return "", nil
	}
	at, id, err := parseCursor(before)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(" and (%[1]s.created, %[1]s.id) < (%[2]s, %[3]s)", table, db.Arg(args, at), db.Arg(args, id)), nil
}
