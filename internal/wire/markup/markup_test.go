package markup

import (
	"strings"
	"testing"
)

func TestQuick(t *testing.T) {
	var v struct {
		Head Text  `xml:"head"`
		Body Inner `xml:"body"`
		Link struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
	}
	err := Decode([]byte(`<?xml version="1.1" encoding="iso-8859-1"?>
<!DOCTYPE a SYSTEM "x" [ <!ENTITY % n SYSTEM "y>"> %n; ]><!-- -- -->
<a xmlns:x="u"><head>A &nbsp; <em>B</em> & C &foo; < D &#146; &#8;</head><link href="x?a=1&b=2>"/><body><x:p>q<br/>w<i/></x:p><![CDATA[<b>&amp;]]></body></a>`), &v)
	t.Logf("%q %+v", v, err)
	_, _, err = Root([]byte(strings.Repeat("<a>", 1000000)))
	t.Log(err)
}
