package wire

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// A flood is a file of the largest size that is read, as full of one thing as
// there is room for.
type flood struct {
	head, unit, tail string
	room             int // bytes; 0: as many as a file may have
}

// file is the flood itself. "%d" in the unit is its number, so that no two are
// the same.
func (f flood) file() []byte {
	most := f.room
	if most == 0 {
		most = maxBytes
	}
	var w strings.Builder
	w.Grow(most)
	w.WriteString(f.head)
	for i := 0; ; i++ {
		unit := f.unit
		if strings.Contains(unit, "%d") {
			unit = strings.ReplaceAll(unit, "%d", fmt.Sprint(i))
		}
		if w.Len()+len(unit)+len(f.tail) > most {
			break
		}
		w.WriteString(unit)
	}
	if strings.HasSuffix(f.unit, ",") && len(f.tail) > 0 && strings.ContainsAny(f.tail[:1], "]}") {
		return []byte(strings.TrimSuffix(w.String(), ",") + f.tail)
	}
	return []byte(w.String() + f.tail)
}

// in returns floods of the units, each between head and tail.
func in(where, head, tail string, units ...string) map[string]flood {
	all := make(map[string]flood, len(units))
	for _, unit := range units {
		all[fmt.Sprintf("%s: %.40s", where, unit)] = flood{head: head, unit: unit, tail: tail}
	}
	return all
}

const (
	nitfHead = `<nitf><head><docdata><doc-id id-string="a"/>`
	nitfBody = `</docdata></head><body><body.head><hedline><hl1>h</hl1></hedline>`
	nitfEnd  = `</body></nitf>`

	g2Head = `<newsItem guid="a" version="1"><itemMeta><itemClass qcode="ninat:text"/><versionCreated>2026-01-01T00:00:00Z</versionCreated>`
	g2Meta = `</itemMeta><contentMeta>`
	g2Set  = `</contentMeta><contentSet>`
	g2End  = `</contentSet></newsItem>`

	v1Head = `<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>a</ProviderId><DateId>20260101</DateId><NewsItemId>b</NewsItemId>` +
		`<RevisionId>1</RevisionId></NewsIdentifier></Identification><NewsManagement><Status FormalName="Usable"/></NewsManagement>`
	v1Data = v1Head + `<NewsComponent><ContentItem><DataContent>`
	v1End  = `</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>`

	rssHead = `<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>t</title>`
	rssEnd  = `</channel></rss>`
)

// bodies are what a body may be full of, as markup.
func bodies() []string {
	return []string{
		"<p>x</p>", "<p>The harbour of Kawara Bay is to have a second crane, the council decided on Tuesday.</p>", "<p>", "x", "x ", "日", "<b>x</b>", "<b/>",
		"é\u0301", "&amp;", "&#233;", "&eacute;", "&lt;", "&lt;p&gt;x&lt;/p&gt;", "<br/>\n", "<p><a href=\"https://x.example/a%d\">x</a></p>", "<a href=\"https://x.example/%d\">x</a> ",
		"<img src=\"/a.jpg\"/>", "<pre>x<img src=\"a\"/></pre>", "<table><tr><td>x</td></tr></table>", "<ul><li>x</li></ul>", "<ul><li>x</li><li>y</li></ul>x",
		"<note type=\"npa\">x</note>", "<media><media-reference source=\"a%d.jpg\"/><media-caption>b</media-caption></media>", "<hl2>- x -</hl2>", "\u202e", "\u00a0 ",
		"<Company>x</Company>", "<header>x</header>", "<header>", "<dnl-image ref=\"a\" caption=\"b\"/>", "<dnl-audio src=\"a\"/>", "(", "A, May 16 (", "Photo: x ", "- ", "a-/",
		"<!-- -->", "<![CDATA[x]]>", "<?x y?>", "<i " + strings.Repeat("a=\"b\" ", 60) + "/>", "<figure><img src=\"/a\"/><figcaption>x</figcaption></figure>",
		"<blockquote><p>x</p></blockquote>", strings.Repeat("<ul><li>x", 12) + strings.Repeat("</li></ul>", 12), strings.Repeat("<q>", 50) + strings.Repeat("</q>", 50), "\r", "\x01", "]]>", "< ", "&", "word\n", "* a\n", "a   b\n",
	}
}

func escaped(units []string) (all []string) {
	for _, u := range units {
		all = append(all, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(u))
	}
	return all
}

func quoted(units []string) (all []string) {
	for _, u := range units {
		all = append(all, strings.Trim(fmt.Sprintf("%+q", u), `"`))
	}
	for i := range all {
		all[i] = strings.NewReplacer(`\x01`, `\u0001`, `\a`, `\u0007`).Replace(all[i])
	}
	return all
}

// floods are all of them, by name.
func floods() map[string]flood {
	all := map[string]flood{}
	add := func(more map[string]flood) { maps.Copy(all, more) }

	// Of any XML.
	add(in("xml", "<nitf>", "</nitf>", "<a/>", "<a%d/>", "<a>x</a>", "<a:b xmlns:a=\"u%d\"/>", "<a b=\"c\"/>", "<a "+strings.Repeat("a=\"b\" ", 200)+"/>",
		"<a b=\""+strings.Repeat("x", 60_000)+"\"/>", "&lol;", "&#x41;", "&amp;", "<!-- -->", "<!-- "+strings.Repeat("x", 60_000)+" -->", "<?a b?>", "<![CDATA[x]]>", "<![CDATA[ ]]>",
		strings.Repeat("<a>", 60)+strings.Repeat("</a>", 60), " ", "x", "日", "< ", "\r\n", "\x01", "<"+strings.Repeat("n", 4000)+"%d/>"))
	add(in("xml, never closed", "<nitf>", "", "<a>", "<a ", "<!-- ", "<![CDATA[", "<?", "</", "<a b=\"", "&#", "<!DOCTYPE ["))
	add(in("doctype", "<!DOCTYPE nitf [", "]><nitf/>", "<!ENTITY a%d \"b\">", "<!ENTITY % a SYSTEM \"file:///etc/passwd\">%a;", "<!-- x -->", "\"x\"", "<!ELEMENT a (b)>"))
	add(in("before the root", "", "<nitf/>", " ", "<!-- -->", "<?a b?>", "<!DOCTYPE a>", "\ufeff"))
	add(in("after the root", "<nitf/>", "", "<a/>", "x", " "))
	for _, charset := range []string{"iso-8859-1", "windows-1252", "shift_jis", "gb18030", "iso-2022-jp", "utf-8", "utf-16", "us-ascii", "big5", "euc-kr", "nonsense"} {
		head := `<?xml version="1.0" encoding="` + charset + `"?>` + nitfHead + nitfBody + "</body.head><body.content>"
		add(in(charset, head, "</body.content>"+nitfEnd, "\xe9", "\x1b$B", "\x81\x40", "\xff", "x", "\xa0\xa0"))
	}
	add(in("UTF-16", "\xff\xfe<\x00a\x00>\x00", "", "<\x00a\x00/\x00>\x00", "x\x00", "\x00\xd8"))

	// NITF.
	add(in("nitf head", nitfHead, nitfBody+"</body.head><body.content><p>x</p></body.content>"+nitfEnd,
		`<ed-msg info="x"/>`, `<ed-msg info="%d"/>`, `<correction info="x" id-string="%d"/>`, `<doc.copyright holder="x"/>`, `<doc.rights owner="x" type="%d"/>`, `<evloc city="x%d" iso-cc="y"/>`,
		`<key-list><keyword key="x%d"/></key-list>`, `<del-list><from-src src-name="x"/></del-list>`, `<identified-content><location>x%d</location></identified-content>`,
		`<identified-content><classifier value="x%d"/></identified-content>`, `<date.issue norm="20260101T000000Z"/>`, `<date.release norm="x"/>`))
	add(in("nitf head 2", `<nitf><head>`, `</head><body><body.content><p>x</p></body.content></body></nitf>`,
		`<meta name="a%d" content="b"/>`, `<tobject><tobject.subject tobject.subject.refnum="%d"/></tobject>`, `<revision-history norm="20260101T000000Z" comment="%d"/>`, `<revision-history norm="nonsense"/>`,
		`<pubdata name="x"/>`, `<title>x</title>`))
	add(in("nitf body.head", nitfHead+nitfBody, "</body.head><body.content><p>x</p></body.content>"+nitfEnd,
		`<byline>By x%d</byline>`, `<byline><person>x</person></byline>`, `<note><p>x%d</p></note>`, `<rights>x%d</rights>`, `<dateline><location>x</location></dateline>`, `<hedline><hl2>x</hl2></hedline>`,
		`<abstract><p>x</p></abstract>`, `<distributor>x</distributor>`, `<byline>`+strings.Repeat("x ", 20_000)+`</byline>`))
	add(in("nitf headline", nitfHead+nitfBody+"<hedline><hl2>", "</hl2></hedline></body.head><body.content><p>x</p></body.content>"+nitfEnd, "x ", "x", "日", "é\u0301", "<em>x</em>", "&amp;"))
	add(in("nitf dateline", nitfHead+nitfBody+"<dateline>", "</dateline></body.head><body.content><p>x</p></body.content>"+nitfEnd, "x ", "x", "- ", " - (", "<location>x</location>"))
	add(in("nitf attribute", nitfHead+`<du-key key="`, `"/>`+nitfBody+"</body.head>"+nitfEnd, "x", "é\u0301", "&amp;", " "))
	add(in("nitf body", nitfHead+nitfBody+"</body.head><body.content>", "</body.content>"+nitfEnd, bodies()...))
	add(in("nitf paragraph", nitfHead+nitfBody+"</body.head><body.content><p>", "</p></body.content>"+nitfEnd, bodies()...))
	add(in("nitf media", nitfHead+nitfBody+"</body.head><body.content><media media-type=\"image\"><media-reference source=\"a.jpg\"/>", "</media></body.content>"+nitfEnd,
		`<media-reference source="%d.jpg"/>`, `<media-caption>x</media-caption>`, `<media-producer>x</media-producer>`, `<media-metadata name="a" value="b"/>`, `<media-caption>(Photo: x</media-caption>`))

	// NewsML-G2.
	add(in("g2 itemMeta", g2Head, g2Meta+g2Set+g2End, `<signal qcode="a:%d"/>`, `<edNote>x%d</edNote>`, `<edNote><p>x</p></edNote>`, `<edNote pubconstraint="nonpublic">%d</edNote>`, `<link residref="%d" href="a%d.jpg"><itemClass qcode="ninat:picture"/></link>`,
		`<title>x</title>`, `<service qcode="a"/>`, `<versionCreated>x</versionCreated>`))
	add(in("g2 contentMeta", g2Head+g2Meta, g2Set+`<inlineXML contenttype="application/xhtml+xml"><p>x</p></inlineXML>`+g2End, `<subject qcode="a:%d"/>`, `<subject type="geoArea"><name>x%d</name></subject>`, `<by>x%d</by>`,
		`<headline>x%d</headline>`, `<headline rank="%d">x</headline>`, `<description role="x">y%d</description>`, `<dateline>x</dateline>`, `<located literal="x%d"/>`, `<genre qcode="a:%d"/>`, `<language tag="x"/>`,
		`<language tag="en-`+strings.Repeat("abcdefgh-", 20)+`%d"/>`, `<creator qcode="a"/>`, `<creditline>x</creditline>`, `<slugline>x</slugline>`, `<keyword>x</keyword>`, `<urgency>5</urgency>`))
	add(in("g2 one headline", g2Head+g2Meta+"<headline>", "</headline>"+g2Set+g2End, "x ", "x", "日", "é\u0301", "<b>x</b>", "<p/>"))
	add(in("g2 one language", g2Head+g2Meta+`<language tag="`, `"/>`+g2Set+g2End, "x", "en-", "a-b-"))
	add(in("g2 one creditline", g2Head+g2Meta+"<creditline>", "</creditline>"+g2Set+g2End, "x/", "x ", "- "))
	add(in("g2 one edNote", g2Head+"<edNote>", "</edNote>"+g2Meta+g2Set+g2End, bodies()...))
	add(in("g2 one caption", g2Head+g2Meta+`<description role="caption">`, `</description>`+g2Set+`<remoteContent href="a.jpg"/>`+g2End, "(Photo: ", "x ", "(", " / A/"))
	add(in("g2 contentSet", g2Head+g2Meta+g2Set, g2End, `<inlineXML contenttype="application/xhtml+xml"><p>x</p></inlineXML>`, `<inlineXML>x</inlineXML>`, `<inlineData contenttype="text/plain" rendition="nonpublic">x</inlineData>`,
		`<inlineData contenttype="text/plain" rendition="nonpublic"><p>x%d</p></inlineData>`, `<remoteContent href="a%d.jpg"/>`, `<remoteContent residref="a"/>`, `<inlineXML contenttype="application/xhtml+xml" rendition="nonpublic">`+strings.Repeat("<p>x</p>", 1000)+`</inlineXML>`))
	add(in("g2 body", g2Head+g2Meta+g2Set+`<inlineXML contenttype="application/xhtml+xml">`, `</inlineXML>`+g2End, bodies()...))
	add(in("g2 escaped body", g2Head+g2Meta+g2Set+`<inlineData contenttype="text/html">`, `</inlineData>`+g2End, escaped(bodies())...))
	add(in("g2 text", g2Head+g2Meta+g2Set+`<inlineData contenttype="text/plain">`, `</inlineData>`+g2End, bodies()...))
	add(in("g2 notepad", g2Head+g2Meta+g2Set+`<inlineData contenttype="text/plain" rendition="nonpublic">`, `</inlineData>`+g2End, bodies()...))
	add(in("g2 parts", g2Head+g2Meta+"</contentMeta>", "</newsItem>", `<partMeta><headline>x%d</headline></partMeta>`, `<rightsInfo><usageTerms>x%d</usageTerms></rightsInfo>`, `<rightsInfo><copyrightNotice>x</copyrightNotice></rightsInfo>`,
		`<groupSet root="a"/>`, `<catalog><scheme alias="a" uri="b"/></catalog>`, `<catalogRef href="a"/>`, `<rightsInfo><copyrightHolder literal="x"/></rightsInfo>`))
	add(in("g2 groups", `<packageItem guid="a"><groupSet root="g0">`, `</groupSet></packageItem>`, `<group id="g%d"><itemRef residref="%d"/></group>`, `<group id="g0"><groupRef idref="g0"/></group>`))
	add(in("g2 members", `<packageItem guid="a"><groupSet root="g"><group id="g">`, `</group></groupSet></packageItem>`, `<itemRef residref="%d"/>`, `<groupRef idref="g"/>`, `<a/>`))
	add(in("g2 items", `<newsMessage><itemSet>`, `</itemSet></newsMessage>`, `<newsItem/>`, `<newsItem guid="%d"/>`, `<newsItem guid="%d"><contentMeta><headline>x</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml"><p>x</p></inlineXML></contentSet></newsItem>`,
		`<newsItem guid="%d"><contentMeta><headline>x</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">`+strings.Repeat("<p>words of prose, with <b>bold</b> ones</p>", 100)+`</inlineXML></contentSet></newsItem>`, `<x/>`))

	// NewsML 1.
	add(in("v1 lines", v1Head+"<NewsComponent><NewsLines>", "</NewsLines><ContentItem><DataContent><p>x</p></DataContent></ContentItem></NewsComponent></NewsItem></NewsML>", "<HeadLine>x%d</HeadLine>", "<HeadLine/>", "<ByLine>x y%d</ByLine>", "<CreditLine/>",
		`<NewsLine><NewsLineType FormalName="AdvisoryLine"/><NewsLineText>x%d</NewsLineText></NewsLine>`, "<RightsLine>x%d</RightsLine>", "<SlugLine/>", "<DateLine/>", "<KeywordLine>x</KeywordLine>"))
	add(in("v1 metadata", v1Head+"<NewsComponent>", "<ContentItem><DataContent><p>x</p></DataContent></ContentItem></NewsComponent></NewsItem></NewsML>", `<DescriptiveMetadata><SubjectCode><Subject FormalName="%d"/></SubjectCode></DescriptiveMetadata>`,
		`<DescriptiveMetadata><Genre FormalName="%d"/></DescriptiveMetadata>`, `<DescriptiveMetadata><Location><Property FormalName="City" Value="x%d"/></Location></DescriptiveMetadata>`, `<DescriptiveMetadata><Property FormalName="Location"><Property FormalName="City" Value="x%d"/></Property></DescriptiveMetadata>`,
		`<AdministrativeMetadata><Creator><Party FormalName="x y%d"/></Creator></AdministrativeMetadata>`, `<AdministrativeMetadata><Property FormalName="EditorialInfo" Value="%d"/></AdministrativeMetadata>`, `<RightsMetadata><UsageRights><UsageType>x%d</UsageType></UsageRights></RightsMetadata>`,
		`<DescriptiveMetadata><Language FormalName="x%d"/></DescriptiveMetadata>`, `<NewsItemRef NewsItem="urn:newsml:a:b:c%d:1"/>`, `<Role FormalName="Main"/>`))
	add(in("v1 components", v1Head+"<NewsComponent>", "</NewsComponent></NewsItem></NewsML>", "<NewsComponent/>", `<NewsComponent Duid="a%d"><Role FormalName="Photo"/><ContentItem Href="%d.jpg"/></NewsComponent>`, `<NewsComponent><ContentItem Href="%d.jpg"/></NewsComponent>`,
		`<NewsComponent><Role FormalName="Caption"/><ContentItem><DataContent><p>x</p></DataContent></ContentItem></NewsComponent>`, `<ContentItem Href="%d.jpg"/>`, `<ContentItem><DataContent>x</DataContent></ContentItem>`, `<NewsItem/>`,
		`<NewsComponent Duid="a%d"><Role FormalName="Photo"/><NewsComponent><Role FormalName="Caption"/><ContentItem><DataContent>`+strings.Repeat("<p>x</p>", 500)+`</DataContent></ContentItem></NewsComponent><ContentItem Href="%d.jpg"/></NewsComponent>`,
		`<NewsComponent><Role FormalName="Lead"/><ContentItem><DataContent>`+strings.Repeat("<p>x</p>", 500)+`</DataContent></ContentItem></NewsComponent>`))
	deep := strings.Repeat("<NewsComponent>", 50) + "<ContentItem><DataContent><p>x</p></DataContent></ContentItem>" + strings.Repeat("</NewsComponent>", 50)
	add(in("v1 deep", v1Head+"<NewsComponent>", "</NewsComponent></NewsItem></NewsML>", deep, strings.Repeat("<NewsComponent><NewsItem>", 20)+strings.Repeat("</NewsItem></NewsComponent>", 20)))
	add(in("v1 items", "<NewsML>", "</NewsML>", "<NewsItem/>", "<NewsItem><NewsComponent/></NewsItem>", strings.TrimPrefix(v1Data, "<NewsML>")+"<p>x</p>"+strings.TrimSuffix(v1End, "</NewsML>"),
		strings.TrimPrefix(v1Data, "<NewsML>")+strings.Repeat("<p>words of prose</p>", 100)+strings.TrimSuffix(v1End, "</NewsML>")))
	add(in("v1 body", v1Data, v1End, bodies()...))
	add(in("v1 escaped body", v1Data, v1End, escaped(bodies())...))
	add(in("v1 nitf body", v1Data+"<nitf><body><body.content>", "</body.content></body></nitf>"+v1End, bodies()...))
	add(in("v1 caption", v1Head+`<NewsComponent><Role FormalName="Photo"/><NewsComponent><Role FormalName="Caption"/><ContentItem><DataContent>`, v1End[:len(v1End)-len("</NewsItem></NewsML>")]+`<ContentItem Href="a.jpg"/></NewsComponent></NewsItem></NewsML>`, bodies()...))

	// Feeds.
	add(in("rss items", rssHead, rssEnd, "<item/>", "<item><guid>%d</guid></item>", "<item><title>x</title><link>https://x.example/%d</link><description>x</description></item>", "<item><description>&lt;p&gt;x&lt;/p&gt;</description></item>",
		"<item><guid>%d</guid><content:encoded><![CDATA["+strings.Repeat("<p>words of prose, with <b>bold</b> ones</p>", 100)+"]]></content:encoded></item>", "<item><pubDate>Mon, 02 Jan 2006 15:04:05 GMT</pubDate></item>", "<item><pubDate>nonsense %d</pubDate></item>",
		"<item><author>x &lt;a@b.example&gt;</author></item>", "<image/>", "<category>x</category>", "<x:y>z</x:y>"))
	add(in("rss one item", rssHead+"<item><guid>a</guid>", "</item>"+rssEnd, "<category>x%d</category>", "<media:content url=\"https://x.example/%d.jpg\" medium=\"image\"/>", "<media:thumbnail url=\"https://x.example/%d.jpg\"/>",
		"<media:group><media:content url=\"https://x.example/%d.jpg\" medium=\"image\"/></media:group>", "<media:group><media:title>&lt;b&gt;x&lt;/b&gt;</media:title><media:content url=\"https://x.example/%d.jpg\" medium=\"image\"/></media:group>", "<enclosure url=\"a%d\" type=\"image/jpeg\"/>", "<dc:creator>x%d</dc:creator>", "<dc:rights>x</dc:rights>", "<author>x%d</author>", "<pubDate>x</pubDate>", "<dc:date>nonsense</dc:date>",
		"<title>x</title>", "<x:y>z</x:y>", "<description>x</description>", strings.Repeat("<media:group>", 50)+strings.Repeat("</media:group>", 50)))
	add(in("rss title", rssHead+"<item><title>", "</title></item>"+rssEnd, "x ", "x", "&lt;b&gt;x", "&lt;p&gt;", "&amp;amp;", "é\u0301"))
	add(in("rss content", rssHead+"<item><content:encoded><![CDATA[", "]]></content:encoded></item>"+rssEnd, slices.DeleteFunc(bodies(), func(s string) bool { return strings.Contains(s, "]]>") })...))
	add(in("rss description", rssHead+"<item><description>", "</description></item>"+rssEnd, escaped(bodies())...))
	add(in("rss summary", rssHead+"<item><content:encoded>&lt;p&gt;x</content:encoded><description>", "</description></item>"+rssEnd, escaped(bodies())...))
	add(in("atom", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id>`, "</entry></feed>", `<link href="%d"/>`, `<category term="%d"/>`, `<author><name>x%d</name></author>`, `<content type="html">x</content>`, `<content type="xhtml"><div><p>x</p></div></content>`, `<updated>x</updated>`))
	add(in("atom entries", `<feed xmlns="http://www.w3.org/2005/Atom">`, "</feed>", "<entry/>", "<entry><id>%d</id><content type=\"html\">&lt;p&gt;x</content></entry>", "<entry><id>%d</id><updated>2026-01-01T00:00:00Z</updated></entry>"))
	add(in("atom content", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>a</id><content type="xhtml"><div>`, "</div></content></entry></feed>", bodies()...))
	add(in("rdf", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">`, "</rdf:RDF>", "<item><title>x</title></item>", "<x/>"))
	add(in("json feed", `{"version":"https://jsonfeed.org/version/1.1","items":[`, "]}", `{},`, `{"id":"%d"},`, `{"id":"%d","content_html":"<p>x"},`, `null,`, `{"id":"%d","tags":["a","b","c"]},`, `{"id":"%d","authors":[{"name":"x"}]},`))
	add(in("json feed body", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"a","content_html":"`, `"}]}`, quoted(bodies())...))

	// ninjs.
	add(in("ninjs", `{"uri":"a",`, `"z":1}`, `"x%d":1,`, `"headline_x":"y",`, `"body_x":"y",`, `"body_internal":"<b>y</b>",`, `"description_x":"y",`, `"subject":[{"name":"x"}],`, `"x":{"y":[]},`, `"uri":"a",`, `"associations":{"a":{"uri":"b"}},`))
	add(in("ninjs list", `{"uri":"a","subject":[`, `]}`, `{},`, `{"name":"x%d"},`, `"x%d",`, `1,`, `[],`, `null,`))
	add(in("ninjs signals", `{"uri":"a","signal":[`, `]}`, `{},`, `"x%d",`, `{"name":"x%d"},`))
	add(in("ninjs renditions", `{"uri":"a","type":"picture","renditions":[`, `]}`, `{},`, `{"href":"a%d.jpg","width":1},`))
	add(in("ninjs renditions by name", `{"uri":"a","type":"picture","renditions":{`, `}}`, `"a%d":{"href":"a%d.jpg","width":1},`))
	add(in("ninjs associations", `{"uri":"a","type":"text","body_xhtml":"<p>x</p><img src='https://x.example/1.jpg'/>","associations":[`, `]}`, `{},`, `{"uri":"%d"},`, `1,`, `{"uri":"%d","type":"picture","renditions":[{"href":"https://x.example/%d.jpg"}]},`,
		`{"uri":"%d","type":"picture","body_text":"<p>x</p>","renditions":[{"href":"%d.jpg"}]},`, `{"uri":"%d","type":"picture","description_text":"<p>x (Photo: y","renditions":[{"href":"%d.jpg"}]},`))
	add(in("ninjs bodies", `{"uri":"a","bodies":[`, `]}`, `{},`, `{"role":"internal","value":"<b>x</b>"},`, `{"role":"x","value":"y"},`, `"x",`))
	add(in("ninjs many", `[`, `]`, `{},`, `{"uri":"%d"},`, `{"uri":"%d","headline":"x","body_xhtml":"<p>y</p>"},`, `{"uri":"%d","headline":"x","body_xhtml":"`+strings.Repeat("<p>words of prose, with <b>bold</b> ones</p>", 100)+`"},`, `1,`, `[],`))
	add(in("ninjs body", `{"uri":"a","body_xhtml":"`, `"}`, quoted(bodies())...))
	add(in("ninjs text", `{"uri":"a","body_text":"`, `"}`, quoted(bodies())...))
	add(in("ninjs nitf", `{"uri":"a","body_nitf":"<nitf><body><body.content>`, `</body.content></body></nitf>"}`, quoted(bodies())...))
	add(in("ninjs headline", `{"uri":"a","headline":"`, `"}`, `x `, `<b>`, `&amp;`, `é\u0301`, `\u0001`, `x`))
	add(in("ninjs ednote", `{"uri":"a","ednote":"`, `"}`, `x `, `<br>`, `&amp;`, `x\n`, `x`, `日`))
	add(in("ninjs date", `{"uri":"a","embargoed":"`, `"}`, `x `, `x`, ` `))

	// The AP Media API.
	add(in("ap", `{"api_version":"2","data":{"item":{"altids":{"itemid":"a"},"type":"text",`, `"z":1}}}`, `"x%d":1,`, `"headline":"y",`, `"bylines":[{"by":"By x%d"}],`, `"renditions":{"nitf":{"href":"a%d"}},`, `"associations":{"a":{"uri":"b"}},`))
	add(in("ap signals", `{"api_version":"2","data":{"item":{"type":"text","signals":[`, `]}}}`, `"x%d",`, `{},`, `"test",`))
	add(in("ap subjects", `{"api_version":"2","data":{"item":{"type":"text","subject":[`, `]}}}`, `{},`, `{"code":"x%d","rels":["ancestor"]},`, `"x%d",`))
	add(in("ap renditions", `{"api_version":"2","data":{"item":{"type":"picture","renditions":{`, `}}}}`, `"a%d":{"href":"a%d.jpg","width":1},`, `"nitf":{"nitf":"<nitf/>"},`))
	add(in("ap associations", `{"api_version":"2","data":{"item":{"type":"text","nitf":"<nitf><body><body.content><p>x</p></body.content></body></nitf>","associations":{`, `}}}}`,
		`"%d":{},`, `"%d":{"uri":"u%d","type":"text"},`, `"%d":{"type":"picture","description_caption":"x (AP Photo/y","renditions":{"main":{"href":"%d.jpg","mimetype":"image/jpeg"}}},`))
	add(in("ap items", `{"api_version":"2","data":{"items":[`, `]}}`, `{},`, `{"item":{}},`, `{"item":{"altids":{"itemid":"%d"}}},`, `1,`,
		`{"item":{"altids":{"itemid":"%d"},"type":"text","nitf":"<nitf><body><body.content>`+strings.Repeat("<p>words of prose, with <b>bold</b> ones</p>", 100)+`</body.content></body></nitf>"}},`))
	add(in("ap text", `{"api_version":"2","data":{"item":{"type":"text","nitf":"<nitf><body><body.content>`, `</body.content></body></nitf>"}}}`, quoted(bodies())...))
	add(in("ap ednote", `{"api_version":"2","data":{"item":{"type":"text","ednote":"`, `"}}}`, `x `, `<br>`, `&amp;`, `x\n`, `x`, `日`))
	add(in("ap caption", `{"api_version":"2","data":{"item":{"type":"picture","renditions":{"a":{"href":"a.jpg"}},"description_caption":"`, `"}}}`, `x `, `(AP Photo/`, `<b>`, `x`))
	add(in("ap terms", `{"api_version":"2","data":{"item":{"type":"text","usageterms":[`, `]}}}`, `"x%d",`, `"<b>x</b>",`))

	// dpa-digitalwires.
	add(in("digitalwires", `{"format":"digitalwires@0.9.1","urn":"a",`, `"z":1}`, `"x%d":1,`, `"headline":"y",`, `"notepad":{"public_html":"<p>x</p>"},`, `"ednotes":[{"ednote":"x%d"}],`))
	add(in("digitalwires categories", `{"format":"digitalwires@0.9.1","urn":"a","categories":[`, `]}`, `{},`, `{"type":"a:signal","qcode":"x%d"},`, `{"type":"a:geosubject","name":"x%d","rank":%d},`, `{"type":"a:located","name":"x%d"},`,
		`{"type":"a:genre","name":"x%d"},`, `{"type":"a:pubstatus","name":"x%d"},`))
	add(in("digitalwires notes", `{"format":"digitalwires@0.9.1","urn":"a","ednotes":[`, `]}`, `{},`, `{"ednote":"x%d"},`, `{"ednote":"<p>x%d</p>","is_publishable":true},`))
	add(in("digitalwires associations", `{"format":"digitalwires@0.9.1","urn":"a","article_html":"<p>x</p>`+strings.Repeat(`<dnl-image ref=\"1\">`, 100)+`","associations":[`, `]}`, `{},`, `{"type":"image","urn":"%d","caption":"x (AP Photo/","renditions":[{"url":"https://kpa.example/%d.jpg","mimetype":"image/jpeg"}]},`))
	add(in("digitalwires text", `{"format":"digitalwires@0.9.1","urn":"a","article_html":"`, `"}`, quoted(bodies())...))
	add(in("digitalwires notepad", `{"format":"digitalwires@0.9.1","urn":"a","notepad":{"nonpublic_html":"`, `"}}`, quoted(bodies())...))
	add(in("digitalwires queue", `{"entries":[{"format":"digitalwires@0.9.1"},`, `{}]}`, `{},`, `{"urn":"%d"},`, `{"urn":"%d","article_html":"`+strings.Repeat("<p>words of prose, with <b>bold</b> ones</p>", 100)+`"},`))
	add(in("json", `{"uri":`, `}`, `[`, `{"a":`, `"`, `1`, ` `, `\"`, `[1],`))
	return all
}

// TestFloods holds that no file costs more than a file may, whether it is read or
// refused, and that what is refused is refused with a reason. Of a flood that is
// over a limit, the largest that is under it costs more than the flood itself,
// so that one is tried, too.
func TestFloods(t *testing.T) { tryFloods(t, floods()) }

func tryFloods(t *testing.T, all map[string]flood) {
	t.Helper()
	// The goal is 50 ms, and the costliest of them takes 49 where nothing else
	// runs. Beside other tests on the same core all takes up to twice as long.
	most := papertest.Cost{CPU: papertest.Slow(100 * time.Millisecond), Allocated: 64 << 20}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			for f := all[name]; ; {
				file := f.file()
				var items []Item
				var err error
				cost := papertest.Measure(t, most, func() { items, err = Read(name, file) })
				if !cost.Within(most) {
					t.Errorf("to read %d KB costs %v", len(file)>>10, cost)
				}
				if err != nil && (problem.Of(err) == nil || problem.Of(err).Detail == "") {
					t.Errorf("refused without a reason: %v", err)
				}
				t.Logf("%d KB cost %v: %d items, %v", len(file)>>10, cost, len(items), err)
				if f.room = len(file) * 9 / 10; !problem.Is(err, problem.TooLarge) || f.room < 10_000 {
					break
				}
			}
		})
	}
}
