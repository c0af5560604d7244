// Package logging makes the one logger of a process, on zap.
package logging

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"go.temporal.io/sdk/log"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// New makes a logger that writes JSON lines from the level up. Levels are the reference's: DEBUG, INFO, WARNING,
// ERROR and CRITICAL, in any case.
func New(w io.Writer, level string) (*zap.Logger, error) {
	at, err := parse(level)
	if err != nil {
		return nil, err
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.TimeKey, encoding.EncodeTime = "time", zapcore.RFC3339TimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.Lock(zapcore.AddSync(w)), at)), nil
}

func parse(level string) (zapcore.Level, error) {
	switch strings.ToUpper(level) {
	case "DEBUG":
		return zapcore.DebugLevel, nil
	case "INFO", "":
		return zapcore.InfoLevel, nil
	case "WARNING", "WARN":
		return zapcore.WarnLevel, nil
	case "ERROR", "CRITICAL":
		return zapcore.ErrorLevel, nil
	}
	return 0, apierr.New(apierr.Invalid, fmt.Errorf("--log-level: %q is none of DEBUG, INFO, WARNING, ERROR, CRITICAL", level))
}

// Temporal gives the SDK the same logger.
func Temporal(logger *zap.Logger) log.Logger {
	return log.NewStructuredLogger(slog.New(zapslog.NewHandler(logger.Core())))
}
