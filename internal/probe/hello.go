package probe

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"cfdoctor/internal/cloudfront"
)

// This file is a ClientHello and what a server says to it in clear text. No TLS library offers exactly what CloudFront offers, RC4 and
// CBC with SHA-2 included, and up to TLS 1.2 a server shows its choice and its certificates before anything is encrypted (RFC 5246, 7.3).

// offer is what a hello offers. Versions are from the oldest.
type offer struct {
	versions []cloudfront.Protocol
	ciphers  []uint16
	groups   []uint16
	server   string // the server name, "" for none
}

// cloudFrontOffer is what CloudFront offers an origin, with its curves and signature schemes
// (DG/secure-connections-supported-ciphers-cloudfront-to-origin).
func cloudFrontOffer(side cloudfront.TLSSide, server string) offer {
	o := offer{server: server, groups: []uint16{groupX25519, groupP256, groupP384}}
	for _, p := range slices.Backward(side.Protocols) {
		o.versions = append(o.versions, p)
	}
	for _, name := range side.Ciphers {
		if id, ok := cipherID(name); ok {
			o.ciphers = append(o.ciphers, id)
		}
	}
	return o
}

// wideOffer has everything that a server of the last twenty years may have up to TLS 1.2.
func wideOffer(server string) offer {
	o := offer{
		versions: []cloudfront.Protocol{cloudfront.TLSv1, cloudfront.TLSv11, cloudfront.TLSv12}, server: server,
		groups: []uint16{groupX25519, groupP256, groupP384, groupP521, groupX448},
	}
	for _, row := range cipherRows() {
		o.ciphers = append(o.ciphers, row.id)
	}
	return o
}

const (
	groupP256   = 23
	groupP384   = 24
	groupP521   = 25
	groupX25519 = 29
	groupX448   = 30
)

// schemes are the documented signature schemes: RSA with PKCS #1 and ECDSA, each with SHA-256, 384, 512, 224 and 1.
func schemes() []uint16 {
	return []uint16{0x0401, 0x0501, 0x0601, 0x0301, 0x0403, 0x0503, 0x0603, 0x0303, 0x0201, 0x0203}
}

func versionCode(p cloudfront.Protocol) uint16 {
	switch p {
	case cloudfront.SSLv3:
		return 0x0300
	case cloudfront.TLSv1:
		return 0x0301
	case cloudfront.TLSv11:
		return 0x0302
	case cloudfront.TLSv13:
		return 0x0304
	}
	return 0x0303
}

func versionName(code uint16) string {
	for _, p := range [...]cloudfront.Protocol{cloudfront.SSLv3, cloudfront.TLSv1, cloudfront.TLSv11, cloudfront.TLSv12, cloudfront.TLSv13} {
		if versionCode(p) == code {
			return string(p)
		}
	}
	return ""
}

// clientHello is the record that opens a handshake.
func (o offer) clientHello() []byte {
	newest := o.versions[len(o.versions)-1]
	body := binary.BigEndian.AppendUint16(nil, versionCode(newest))
	random := make([]byte, 32)
	rand.Read(random) // never fails
	body = append(body, random...)
	body = append(body, 0)                            // no session to resume
	suites := append(slices.Clone(o.ciphers), 0x00ff) // secure renegotiation is understood (RFC 5746)
	body = append(body, vector16(codes(suites))...)
	body = append(body, 1, 0) // no compression
	if newest != cloudfront.SSLv3 {
		body = append(body, vector16(o.extensions(newest))...)
	}
	message := append([]byte{1, 0}, vector16(body)...) // ClientHello; its length has three bytes
	recordVersion := uint16(0x0301)                    // what a record says before a version is chosen (RFC 5246, E.1)
	if newest == cloudfront.SSLv3 {
		recordVersion = 0x0300
	}
	return append(binary.BigEndian.AppendUint16([]byte{recordHandshake}, recordVersion), vector16(message)...)
}

func (o offer) extensions(newest cloudfront.Protocol) []byte {
	var out []byte
	add := func(kind uint16, data []byte) {
		out = append(binary.BigEndian.AppendUint16(out, kind), vector16(data)...)
	}
	if o.server != "" {
		add(0, vector16(append([]byte{0}, vector16([]byte(o.server))...)))
	}
	add(10, vector16(codes(o.groups)))
	add(11, []byte{1, 0}) // points are uncompressed
	if newest == cloudfront.TLSv12 {
		add(13, vector16(codes(schemes())))
	}
	return out
}

func codes(values []uint16) []byte {
	var out []byte
	for _, v := range values {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	return out
}

// vector16 puts the length, of two bytes, in front.
func vector16(data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(data))), data...)
}

// flight is what a server says to a hello.
type flight struct {
	version, cipher uint16
	certificates    [][]byte // in DER, in the server's order
	asksCertificate bool
	alert           byte // the description of a fatal alert
	alerted, chosen bool // an alert came; a ServerHello came
	notTLS          bool
	beginning       []byte // the first bytes of what is no TLS
}

// Types of records and of handshake messages (RFC 5246, 6.2.1 and 7.4).
const (
	recordAlert        = 21
	recordHandshake    = 22
	messageServerHello = 2
	messageCertificate = 11
	messageRequest     = 13
	messageDone        = 14
)

// maxFlight bounds what is read of a server's answer, in bytes.
const maxFlight = 256 << 10

// readFlight reads a server's answer up to its end, an alert, or the end of the connection.
func readFlight(r io.Reader) (f flight, err error) {
	r = io.LimitReader(r, maxFlight)
	var messages []byte
	for {
		var head [5]byte
		n, err := io.ReadFull(r, head[:])
		if f.beginning == nil && !f.chosen && n > 0 && !looksLikeTLS(head[:n]) {
			rest := make([]byte, 512)
			more, _ := r.Read(rest)
			f.notTLS, f.beginning = true, append(head[:n:n], rest[:more]...)
			return f, nil
		}
		if err != nil {
			return f, err
		}
		record := make([]byte, binary.BigEndian.Uint16(head[3:]))
		if _, err := io.ReadFull(r, record); err != nil {
			return f, err
		}
		switch head[0] {
		case recordAlert:
			if len(record) >= 2 && (record[0] == 2 || record[1] == 0) { // fatal, or an orderly goodbye
				f.alerted, f.alert = true, record[1]
				return f, nil
			}
		case recordHandshake:
			messages = append(messages, record...)
			var done bool
			if messages, done, err = f.take(messages); done || err != nil {
				return f, err
			}
		default:
			return f, errors.New("a record of an unexpected type")
		}
	}
}

func looksLikeTLS(head []byte) bool {
	return head[0] >= 20 && head[0] <= 23 && (len(head) < 2 || head[1] == 3)
}

var errMalformed = errors.New("a handshake message that cannot be read")

// take reads the whole messages at the beginning of a buffer and returns the rest.
func (f *flight) take(messages []byte) (rest []byte, done bool, err error) {
	for len(messages) >= 4 {
		size := int(messages[1])<<16 | int(messages[2])<<8 | int(messages[3])
		if len(messages) < 4+size {
			break
		}
		kind, body := messages[0], messages[4:4+size]
		messages = messages[4+size:]
		switch kind {
		case messageServerHello:
			err = f.serverHello(body)
		case messageCertificate:
			err = f.certificateList(body)
		case messageRequest:
			f.asksCertificate = true
		case messageDone:
			return messages, true, nil
		}
		if err != nil {
			return messages, false, err
		}
	}
	return messages, false, nil
}

func (f *flight) serverHello(body []byte) error {
	if len(body) < 35 || len(body) < 35+int(body[34])+3 {
		return errMalformed
	}
	f.version = binary.BigEndian.Uint16(body)
	f.cipher = binary.BigEndian.Uint16(body[35+int(body[34]):])
	f.chosen = true
	return nil
}

func (f *flight) certificateList(body []byte) error {
	if len(body) < 3 {
		return errMalformed
	}
	for list := body[3:]; len(list) > 0; {
		if len(list) < 3 {
			return errMalformed
		}
		size := int(list[0])<<16 | int(list[1])<<8 | int(list[2])
		if len(list) < 3+size {
			return errMalformed
		}
		f.certificates = append(f.certificates, list[3:3+size])
		list = list[3+size:]
	}
	return nil
}
