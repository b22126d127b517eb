package media

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"time"
)

// maxSegment is what one JPEG segment can hold beside its length.
const maxSegment = 0xffff - 2

// Embed writes the rights in m into a JPEG or WebP that has no metadata, as
// Render's encoders make it, and returns the new file. A JPEG gets XMP and IIM,
// a WebP gets XMP. Instructions, place and keywords stay in the newsroom.
func Embed(picture []byte, m Meta) ([]byte, error) {
	packet := xmpPacket(m)
	if len(packet) > maxSegment-len(xmpHeader) {
		// Only marks that XML writes as five bytes each come here.
		for _, text := range m.texts() {
			*text = cut(*text, 500)
		}
		packet = xmpPacket(m)
	}
	switch sniff(picture) {
	case JPEG:
		return embedJPEG(picture, packet, appendIIM(nil, m)), nil
	case WebP:
		return embedWebP(picture, packet)
	default:
		return nil, errors.New("media: rights can be written into JPEG and WebP only")
	}
}

// embedJPEG puts XMP into APP1 and IIM, with the digest by which readers see
// that the two agree (XMP part 3 §2.3.2), into APP13, right after the start.
func embedJPEG(picture, packet, iim []byte) []byte {
	digest := md5.Sum(iim) // the standard's choice, not for security
	resources := []byte(photoshopHeader)
	resources = appendResource(resources, 0x0404, iim)
	resources = appendResource(resources, 0x0425, digest[:])

	out := make([]byte, 0, len(picture)+len(packet)+len(resources)+64)
	out = append(out, picture[:2]...)
	out = appendSegment(out, 0xe1, append([]byte(xmpHeader), packet...))
	out = appendSegment(out, 0xed, resources)
	return append(out, picture[2:]...)
}

func appendSegment(b []byte, marker byte, body []byte) []byte {
	b = append(b, 0xff, marker)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)+2))
	return append(b, body...)
}

func appendResource(b []byte, id uint16, body []byte) []byte {
	b = append(b, "8BIM"...)
	b = binary.BigEndian.AppendUint16(b, id)
	b = append(b, 0, 0) // no name
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// embedWebP makes the file extended (RFC 9649 §2.7): a VP8X chunk that announces
// XMP, the picture's own chunks, the packet.
func embedWebP(picture, packet []byte) ([]byte, error) {
	config, err := decodeConfig(picture, WebP)
	if err != nil {
		return nil, fmt.Errorf("media: write rights into WebP: %w", err)
	}
	const hasXMP, hasAlpha = 1 << 2, 1 << 4
	chunks := picture[12:]
	header := make([]byte, 10)
	header[0] = hasXMP
	switch string(chunks[:4]) {
	case "VP8X": // the encoder wrote it because of alpha
		header[0] |= chunks[8]
		chunks = chunks[8+10:]
	case "VP8L":
		header[0] |= hasAlpha
	}
	putUint24(header[4:], config.Width-1)
	putUint24(header[7:], config.Height-1)

	body := []byte("WEBP")
	body = appendChunk(body, "VP8X", header)
	body = append(body, chunks...)
	body = appendChunk(body, "XMP ", packet)
	return appendChunk(make([]byte, 0, len(body)+8), "RIFF", body), nil
}

func appendChunk(b []byte, id string, body []byte) []byte {
	b = append(b, id...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

func putUint24(b []byte, n int) { b[0], b[1], b[2] = byte(n), byte(n>>8), byte(n>>16) }

// xmpPacket writes what a rendition keeps (Google's "Licensable" fields and
// IPTC's) as an XMP packet.
func xmpPacket(m Meta) []byte {
	var b bytes.Buffer
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="` + nsRDF + `"><rdf:Description rdf:about=""` +
		` xmlns:dc="` + nsDC + `" xmlns:photoshop="` + nsPhotoshop + `" xmlns:xmpRights="` + nsRights +
		`" xmlns:Iptc4xmpCore="` + nsCore + `" xmlns:Iptc4xmpExt="` + nsExt + `" xmlns:plus="` + nsPLUS + `">`)

	const item, closeItem = `<rdf:li xml:lang="x-default">`, `</rdf:li></rdf:Alt>`
	put := func(name, before, value, after string) {
		if value == "" {
			return
		}
		b.WriteString("<" + name + ">" + before)
		_ = xml.EscapeText(&b, []byte(value)) // a bytes.Buffer does not fail
		b.WriteString(after + "</" + name + ">")
	}
	alt := func(name, value string) { put(name, "<rdf:Alt>"+item, value, closeItem) }

	alt("dc:description", m.Caption)
	put("dc:creator", "<rdf:Seq><rdf:li>", m.Byline, "</rdf:li></rdf:Seq>")
	alt("dc:rights", m.Copyright)
	put("photoshop:Headline", "", m.Headline, "")
	put("photoshop:Credit", "", m.Credit, "")
	put("photoshop:Source", "", m.Source, "")
	if !m.Created.IsZero() {
		put("photoshop:DateCreated", "", m.Created.Format(time.RFC3339), "")
	}
	alt("xmpRights:UsageTerms", m.UsageTerms)
	put("xmpRights:WebStatement", "", m.WebStatement, "")
	if m.Copyright != "" {
		put("xmpRights:Marked", "", "True", "")
	}
	alt("Iptc4xmpCore:AltTextAccessibility", m.Alt)
	const sourceType, dataMining = "http://cv.iptc.org/newscodes/digitalsourcetype/", "http://ns.useplus.org/ldf/vocab/"
	if m.DigitalSource != "" {
		put("Iptc4xmpExt:DigitalSourceType", "", sourceType+m.DigitalSource, "")
	}
	put("Iptc4xmpExt:AISystemUsed", "", m.AISystem, "")
	if m.DataMining != "" {
		put("plus:DataMining", "", dataMining+m.DataMining, "")
	}
	if m.Licensor != "" || m.LicensorURL != "" {
		b.WriteString(`<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource">`)
		put("plus:LicensorName", "", m.Licensor, "")
		put("plus:LicensorURL", "", m.LicensorURL, "")
		b.WriteString(`</rdf:li></rdf:Seq></plus:Licensor>`)
	}
	b.WriteString(`</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`)
	return b.Bytes()
}
