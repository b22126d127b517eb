package db

import (
	"database/sql/driver"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Time carries a time to and from a bigint column of microseconds in UTC: as an
// argument Time(t), as a destination (*Time)(&t). The zero time is 0.
type Time time.Time

// Value is the column's value.
func (t Time) Value() (driver.Value, error) {
	if time.Time(t).IsZero() {
		return int64(0), nil
	}
	return time.Time(t).UnixMicro(), nil
}

// Scan reads the column's value.
func (t *Time) Scan(src any) error {
	us, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a time column holds %T, not a bigint", src)
	}
	*t = Time{}
	if us != 0 {
		*t = Time(time.UnixMicro(us).UTC())
	}
	return nil
}

// In appends values to args and returns "in ($3, $4)" for them. An empty list
// is "in (null)", which is never true. Callers keep to 500 values a statement.
// Its last value fills a longer list up to a power of two, so that statements come
// in few lengths and stay compiled.
func In[T any](args *[]any, values []T) string {
	if len(values) == 0 {
		return "in (null)"
	}
	n := len(values)
	if n > 4 {
		n = 1 << bits.Len(uint(n-1))
	}
	b := []byte("in (")
	for i := range n {
		*args = append(*args, values[min(i, len(values)-1)])
		b = append(strconv.AppendInt(append(b, '$'), int64(len(*args)), 10), ", "...)
	}
	return string(b[:len(b)-2]) + ")"
}

// Arg appends one value to args and returns its placeholder.
func Arg(args *[]any, value any) string {
	*args = append(*args, value)
	return fmt.Sprintf("$%d", len(*args))
}

// likeEscaper takes their meaning from the signs of a like.
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Like returns text as a part of the pattern of a like … escape '\'.
func Like(text string) string { return likeEscaper.Replace(text) }
