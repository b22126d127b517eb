package imports

// A layer is where a package stands in cmd → faces → subjects → plumbing.
type layer int

const (
	subject  layer = iota // owns its types, rules and SQL
	format                // bytes in, the format's own structs out; pure
	face                  // what people and machines see
	plumbing              // knows no subject
)

// A place is what a package is and which of our packages it may import besides
// those that its whole layer may.
type place struct {
	layer layer
	may   []string
}

// house lists every package under internal. The arrows between subjects and
// those among the plumbing are all here.
var house = map[string]place{
	"article":    {subject, nil},
	"desk":       {subject, []string{"article", "live", "media", "poll", "reader"}},
	"follow":     {subject, []string{"article"}},
	"live":       {subject, nil},
	"media":      {subject, nil},
	"wire":       {subject, []string{"article", "media", "wire/afp", "wire/anpa", "wire/ap", "wire/digitalwires", "wire/feed", "wire/ftp", "wire/iptc7901", "wire/letter", "wire/markup", "wire/newsml", "wire/ninjs", "wire/nitf", "wire/sftp", "wire/teletype"}},
	"reader":     {subject, nil},
	"comment":    {subject, []string{"comment/sift"}},
	"poll":       {subject, nil},
	"newsletter": {subject, []string{"article", "reader", "newsletter/bounce", "newsletter/roster"}},
	"audience":   {subject, nil},
	"network":    {subject, []string{"article", "media", "wire/feed"}},
	"paper":      {subject, nil},
	"promo":      {subject, []string{"media", "promo/vast"}},
	"push":       {subject, nil},
	"search":     {subject, []string{"article"}},

	"comment/sift": {format, nil},

	"newsletter/bounce": {format, nil},
	"newsletter/roster": {format, nil},

	"promo/sheet": {format, nil},
	"promo/vast":  {format, nil},

	"wire/afp":          {format, []string{"wire/loose"}},
	"wire/anpa":         {format, []string{"wire/teletype"}},
	"wire/ap":           {format, []string{"wire/loose", "wire/markup"}},
	"wire/digitalwires": {format, []string{"wire/loose"}},
	"wire/feed":         {format, nil},
	"wire/iptc7901":     {format, []string{"wire/teletype"}},
	"wire/letter":       {format, nil},
	"wire/loose":        {format, nil},
	"wire/markup":       {format, nil},
	"wire/newsml":       {format, []string{"wire/markup"}},
	"wire/ninjs":        {format, []string{"wire/loose"}},
	"wire/nitf":         {format, []string{"wire/markup"}},
	"wire/teletype":     {format, nil},

	// Clients are handed their connections, and are pure for the rest.
	"wire/ftp":  {format, nil},
	"wire/sftp": {format, nil},

	"site":     {face, []string{"promo/sheet"}},
	"newsroom": {face, nil},
	"api":      {face, nil},

	"problem":   {plumbing, nil},
	"blob":      {plumbing, []string{"problem"}},
	"config":    {plumbing, []string{"problem"}},
	"audit":     {plumbing, []string{"db", "secret"}},
	"db":        {plumbing, []string{"problem"}},
	"event":     {plumbing, []string{"db"}},
	"fetch":     {plumbing, []string{"problem"}},
	"job":       {plumbing, []string{"db"}},
	"mail":      {plumbing, []string{"problem"}},
	"page":      {plumbing, []string{"problem", "richtext"}},
	"pretend":   {plumbing, nil},
	"richtext":  {plumbing, []string{"problem"}},
	"secret":    {plumbing, []string{"problem"}},
	"topic":     {plumbing, nil},
	"papertest": {plumbing, []string{"db", "job", "mail"}},
	"imports":   {plumbing, nil},
}

// common is what every package of a layer may import of ours. Faces may import
// every subject as well.
var common = map[layer][]string{
	subject: {"audit", "blob", "db", "event", "fetch", "job", "mail", "problem", "richtext", "secret", "topic"},
	format:  {"problem"},
	face:    {"audit", "event", "mail", "page", "problem", "richtext", "secret", "topic"},
}

const (
	anywhere = "*"     // a library of words, not a driver
	tests    = "tests" // files named _test.go, in any package
)

// homes says where a foreign module, or a part of one, may be imported. The
// longest path that fits an import decides.
var homes = map[string][]string{
	"github.com/BurntSushi/toml":                          {"internal/config"},
	"github.com/SherClockHolmes/webpush-go":               {"internal/push"},
	"github.com/alecthomas/kong":                          {"internal/config", "cmd/kawaraban"},
	"github.com/andybalholm/brotli":                       {"internal/page", tests},
	"github.com/bep/imagemeta":                            {"internal/media"},
	"github.com/chromedp/cdproto":                         {"internal/papertest", tests},
	"github.com/ccojocar/zxcvbn-go":                       {"internal/reader"},
	"github.com/chromedp/chromedp":                        {"internal/papertest", tests},
	"github.com/coreos/go-oidc/v3":                        {"internal/reader"},
	"github.com/gen2brain/webp":                           {"internal/media", "cmd/woodblock"},
	"github.com/go-webauthn/webauthn":                     {"internal/reader"},
	"github.com/google/go-cmp":                            {"internal/papertest", tests},
	"github.com/jackc/pgx/v5":                             {"internal/db", "internal/job"},
	"github.com/jba/templatecheck":                        {tests},
	"github.com/klauspost/compress":                       {"internal/page"},
	"github.com/maypok86/otter/v2":                        {"internal/page"},
	"github.com/mmcdole/gofeed":                           {"internal/wire/feed"},
	"github.com/oklog/ulid/v2":                            {"internal/db"},
	"github.com/peterldowns/pgtestdb":                     {"internal/papertest"},
	"github.com/pquerna/otp":                              {"internal/reader"},
	"github.com/pressly/goose/v3":                         {"internal/db"},
	"github.com/riverqueue/river":                         {"internal/job"},
	"github.com/riverqueue/river/riverdriver":             {"internal/job"},
	"github.com/riverqueue/river/riverdriver/riverpgxv5":  {"internal/job"},
	"github.com/riverqueue/river/riverdriver/riversqlite": {"internal/job"},
	"github.com/riverqueue/river/rivertype":               {"internal/job"},
	"github.com/wneessen/go-mail":                         {"internal/mail"},
	"github.com/emersion/go-msgauth":                      {tests},
	"github.com/emersion/go-imap/v2":                      {"internal/mail", tests},
	"github.com/emersion/go-smtp":                         {"internal/mail", "internal/papertest"},
	"golang.org/x/crypto":                                 {"internal/secret"},
	"golang.org/x/crypto/ssh":                             {"internal/wire/sftp", "internal/papertest", tests},
	"golang.org/x/image":                                  {"internal/media", "cmd/woodblock"},
	"golang.org/x/net/dns/dnsmessage":                     {"internal/fetch", "internal/papertest"},
	"golang.org/x/net/html":                               {"internal/richtext", tests},
	"golang.org/x/net/html/charset":                       {"internal/wire/markup"},
	"golang.org/x/net/idna":                               {"internal/fetch", "internal/mail", "internal/richtext"},
	"golang.org/x/net/netutil":                            {"cmd/kawaraban"},
	"golang.org/x/oauth2":                                 {"internal/reader"},
	"golang.org/x/sync":                                   {"internal/page"},
	"golang.org/x/text":                                   {anywhere},
	"golang.org/x/tools/txtar":                            {tests},
	"modernc.org/sqlite":                                  {"internal/db"},
	"pgregory.net/rapid":                                  {tests},
	"rsc.io/script":                                       {tests},
}

// standard says where a package of the standard library is at home that a
// careless author would use anywhere.
var standard = map[string][]string{
	"database/sql": {"internal/db", "internal/job", "internal/event", "internal/audit", "internal/papertest", "subjects", tests},
	"os/exec":      {"internal/papertest", "cmd/check", "cmd/bench", tests},
}

// calls says where functions, types and variables are at home that have a safer
// way of ours: those of the standard library, and what is ours for tests only.
var calls = []struct {
	pkg   string   // import path
	names []string // what may not be used elsewhere
	homes []string
	why   string
}{
	{
		"html/template",
		[]string{"HTML", "HTMLAttr", "JS", "JSStr", "CSS", "URL", "Srcset"},
		[]string{"internal/richtext", "internal/page", tests},
		"trusted HTML is made in richtext and page only",
	},
	{
		"net/http",
		[]string{"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Client", "Transport"},
		[]string{"internal/fetch", "internal/mail", "internal/papertest", "cmd/bench", tests}, // mail: the operator's servers
		"the way out to the internet is fetch",
	},
	{
		"net",
		[]string{"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "Dialer"},
		[]string{"internal/fetch", "internal/mail", "internal/papertest", "cmd/bench", tests}, // mail: the operator's servers
		"the way out to the internet is fetch",
	},
	{"crypto/tls", []string{"Dial", "DialWithDialer", "Dialer"}, []string{"internal/fetch", tests}, "the way out to the internet is fetch"},
	{"kawaraban/internal/secret", []string{"CheapPasswords"}, []string{tests}, "the program's passwords cost as much to guess as they can"},
	{"time", []string{"Sleep"}, nil, "wait for a condition or a context, never for a duration"},
}

const (
	longFile     = 400 // lines; longer is said
	tooLongFile  = 600 // lines; longer is an offence
	direct       = 40  // modules that go.mod may ask for itself
	dependencies = "docs/dependencies.md"
)
