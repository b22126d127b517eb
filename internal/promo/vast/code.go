package vast

import "fmt"

// A Code is what the standard calls an error (VAST 4.2, 2.3.6.3). It is what
// addresses of errors are told.
type Code int

const (
	XMLParsingError       Code = 100
	SchemaValidationError Code = 101
	VersionNotSupported   Code = 102
	TraffickingError      Code = 200 // an ad of a type that the player cannot show
	UnexpectedLinearity   Code = 201
	UnexpectedDuration    Code = 202
	UnexpectedSize        Code = 203
	CategoryRequired      Code = 204
	CategoryBlocked       Code = 205
	BreakShortened        Code = 206
	GeneralWrapperError   Code = 300
	WrapperTimeout        Code = 301 // or not to be had at all
	WrapperLimitReached   Code = 302
	NoVASTResponse        Code = 303
	InLineTimeout         Code = 304
	GeneralLinearError    Code = 400
	FileNotFound          Code = 401
	MediaFileTimeout      Code = 402
	MediaFileNotSupported Code = 403
	MediaFileDisplay      Code = 405
	MezzanineRequired     Code = 406
	UndefinedError        Code = 900
)

// String returns the standard's name of the error.
func (c Code) String() string {
	if name, ok := names[c]; ok {
		return name
	}
	return fmt.Sprintf("VAST error %d", int(c))
}

var names = map[Code]string{
	XMLParsingError:       "XML parsing error",
	SchemaValidationError: "VAST schema validation error",
	VersionNotSupported:   "VAST version of response not supported",
	TraffickingError:      "Trafficking error",
	UnexpectedLinearity:   "Media player expecting different linearity",
	UnexpectedDuration:    "Media player expecting different duration",
	UnexpectedSize:        "Media player expecting different size",
	CategoryRequired:      "Ad category was required but not provided",
	CategoryBlocked:       "InLine category violates Wrapper BlockedAdCategories",
	BreakShortened:        "Ad break shortened",
	GeneralWrapperError:   "General Wrapper error",
	WrapperTimeout:        "Timeout of VAST URI provided in Wrapper element",
	WrapperLimitReached:   "Wrapper limit reached",
	NoVASTResponse:        "No VAST response after one or more Wrappers",
	InLineTimeout:         "InLine response failed to result in ad display within defined time limit",
	GeneralLinearError:    "General Linear error",
	FileNotFound:          "File not found",
	MediaFileTimeout:      "Timeout of MediaFile URI",
	MediaFileNotSupported: "Couldn't find MediaFile that is supported by this media player",
	MediaFileDisplay:      "Problem displaying MediaFile",
	MezzanineRequired:     "Mezzanine was required but not provided",
	UndefinedError:        "Undefined error",
}

// An Error says why there is no video. It is no Problem: what is said to an
// editor, and in which language, promo knows by the Code; Detail is for the log
// and for whoever runs the ad server.
type Error struct {
	Code   Code
	Detail string   // in words, and safe to show
	Tell   []string // addresses that want to know, their macros filled
	Err    error    // the cause; nil when the document is

	Programs bool // the ad has nothing but what a player would have to execute
}

// Error returns the words and the code.
func (e *Error) Error() string { return fmt.Sprintf("VAST %d: %s", int(e.Code), e.Detail) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func fail(c Code, format string, args ...any) *Error {
	return &Error{Code: c, Detail: fmt.Sprintf(format, args...)}
}
