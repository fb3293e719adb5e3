package faults

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// Names is a name server on this machine. A name has one answer after the
// other, and the last one for good; every name that it does not know is this
// machine's, 127.0.0.1, as a careless resolver takes "2130706433" for.
type Names struct {
	conn net.PacketConn

	mu      sync.Mutex
	answers map[string][]netip.Addr
	asked   map[string]int
}

// NewNames starts a name server, which ends with the test.
func NewNames(t testing.TB, answers map[string][]netip.Addr) *Names {
	t.Helper()
	var lc net.ListenConfig
	conn, err := lc.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &Names{conn: conn, answers: map[string][]netip.Addr{}, asked: map[string]int{}}
	for name, list := range answers {
		n.answers[strings.ToLower(name)] = append([]netip.Addr{}, list...)
	}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		n.serve()
	}()
	t.Cleanup(func() {
		conn.Close()
		wg.Wait()
	})
	return n
}

// Resolver returns a resolver that asks this name server alone.
func (n *Names) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
}

// Asked returns how often a name was asked for, each kind of address counted.
func (n *Names) Asked(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[strings.ToLower(name)]
}

func (n *Names) serve() {
	for buffer := make([]byte, 1500); ; {
		size, from, err := n.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		if answer := n.answer(buffer[:size]); answer != nil {
			n.conn.WriteTo(answer, from)
		}
	}
}

const (
	typeA    = 1
	typeAAAA = 28
)

// answer writes the answer to a query of one question (RFC 1035 section 4), nil
// for what is none.
func (n *Names) answer(query []byte) []byte {
	if len(query) < 12 || binary.BigEndian.Uint16(query[4:]) != 1 {
		return nil
	}
	var labels []string
	at := 12
	for at < len(query) && query[at] != 0 {
		end := at + 1 + int(query[at])
		if end > len(query) {
			return nil
		}
		labels, at = append(labels, string(query[at+1:end])), end
	}
	if at+5 > len(query) {
		return nil
	}
	question := query[12 : at+5]
	kind := binary.BigEndian.Uint16(query[at+1:])
	address, ok := n.next(strings.ToLower(strings.Join(labels, ".")), kind)
	out := append([]byte{}, query[:2]...)
	out = append(out, 0x84, 0x00, 0, 1, 0, 0, 0, 0, 0, 0) // an answer with authority, one question
	out = append(out, question...)
	if ok {
		out[7] = 1
		out = append(out, 0xc0, 12) // the name of the question
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0) // for the internet, not to be kept
		raw := address.AsSlice()
		out = binary.BigEndian.AppendUint16(out, uint16(len(raw)))
		out = append(out, raw...)
	}
	return out
}

// next returns the address of a name, if it has one of that kind now. Answers
// move on with each question for an IPv4 address: resolvers ask for both.
func (n *Names) next(name string, kind uint16) (netip.Addr, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked[name]++
	list, ok := n.answers[name]
	if !ok {
		list = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	}
	if len(list) == 0 {
		return netip.Addr{}, false
	}
	address := list[0]
	if kind == typeA && len(list) > 1 {
		n.answers[name] = list[1:]
	}
	is4 := address.Is4()
	return address, is4 && kind == typeA || !is4 && kind == typeAAAA
}

// Spellings returns hosts, as they may stand in a URL, that lead to this
// machine, to its neighbours or to what only they can reach, in ways by which
// parsers have been fooled. Some are names to a strict parser: what those lead
// to is for the resolver to say.
func Spellings() []string {
	return []string{
		// This machine, in four parts, fewer and one; decimal, octal, hexadecimal.
		"127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "127.255.255.254", "2130706433", "02130706433", "017700000001", "0177.0.0.1", "0177.0.0.01", "0x7f000001",
		"0x7f.0.0.1", "0x7f.1", "0X7F.0x0.0x0.0x1", "127.000.000.001", "127.0.0.1%00", "127.0.0.1%2f", "user@127.0.0.1", "①②⑦.0.0.1", "127。0。0。1",
		// Names of this machine.
		"localhost", "LOCALHOST", "localhost.", "x.localhost", "localhost.localdomain", "ip6-localhost",
		// Nothing and everything.
		"0", "0.0.0.0", "0.0.0.0.", "0x0", "000.000.000.000", "255.255.255.255", "[::]",
		// In IPv6: itself, mapped, compatible, translated, tunnelled.
		"[::1]", "[0000::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]",
		"[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[::ffff:0:127.0.0.1]", "[::1%25lo]", "[fe80::1%25eth0]",
		// Neighbours, and the services of clouds.
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1", "198.18.0.1", "192.0.0.1", "192.0.2.1", "240.0.0.1",
		"224.0.0.1", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[fec0::1]", "[::ffff:169.254.169.254]", "[::ffff:10.0.0.1]", "[2001:db8::1]",
	}
}

// PrivateNames returns names that anybody can have lead inside, with where they
// lead.
func PrivateNames() map[string]netip.Addr {
	return map[string]netip.Addr{
		"127.0.0.1.nip.example": netip.MustParseAddr("127.0.0.1"), "7f000001.nip.example": netip.MustParseAddr("127.0.0.1"),
		"loopback.example": netip.MustParseAddr("::1"), "mapped.example": netip.MustParseAddr("::ffff:127.0.0.1"), "metadata.example": netip.MustParseAddr("169.254.169.254"),
		"intranet.example": netip.MustParseAddr("10.1.2.3"), "nat64.example": netip.MustParseAddr("64:ff9b::7f00:1"), "zero.example": netip.MustParseAddr("0.0.0.0"),
		"unique-local.example": netip.MustParseAddr("fd00:ec2::254"), "cgnat.example": netip.MustParseAddr("100.64.0.1"),
	}
}
