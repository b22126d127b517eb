package job

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// failures writes every failed attempt into our log, once.
type failures struct{ log *slog.Logger }

// HandleError is called by River after an attempt that returned an error.
func (f failures) HandleError(ctx context.Context, row *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.write(ctx, row, slog.Any("error", err))
	return nil
}

// HandlePanic is called by River after a panic outside our handlers, which turn
// theirs into errors.
func (f failures) HandlePanic(ctx context.Context, row *rivertype.JobRow, panicked any, _ string) *river.ErrorHandlerResult {
	f.write(ctx, row, slog.Any("panic", panicked))
	return nil
}

func (f failures) write(ctx context.Context, row *rivertype.JobRow, cause slog.Attr) {
	level, message := slog.LevelWarn, "a job failed and will be tried again"
	if row.Attempt >= row.MaxAttempts {
		level, message = slog.LevelError, "a job failed for the last time and is given up"
	}
	f.log.LogAttrs(ctx, level, message,
		slog.String("kind", row.Kind), slog.Int64("job", row.ID), slog.Int("attempt", row.Attempt), cause)
}

// warnings passes on what River says from warnings upwards: its daily life is
// of no interest to an operator.
type warnings struct{ slog.Handler }

// Enabled reports whether the level is at least a warning.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the limit on the handler with attributes.
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the limit on the handler with a group.
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
