package jcs

import (
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Append appends the canonical form of v to dst. The only error is
// malformed/number, for a number that a double cannot hold.
func Append(dst []byte, v *strictjson.Value) ([]byte, error) {
	var err error
	switch v.Kind() {
	case strictjson.KindNumber:
		f, ok := v.Float()
		if !ok {
			return nil, reason.New(reason.MalformedNumber, "", "number out of range")
		}
		return AppendNumber(dst, f), nil
	case strictjson.KindArray:
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = Append(dst, item); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	case strictjson.KindObject:
		members := slices.Clone(v.Members())
		slices.SortFunc(members, func(a, b strictjson.Member) int { return compareUTF16(a.Name, b.Name) })
		dst = append(dst, '{')
		for i, m := range members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(strictjson.AppendString(dst, m.Name), ':')
			if dst, err = Append(dst, m.Value); err != nil {
				return nil, err
			}
		}
		return append(dst, '}'), nil
	default:
		return v.AppendJSON(dst), nil
	}
}

// compareUTF16 orders strings by their UTF-16 code units (RFC 8785 section
// 3.2.3). That differs from the order of UTF-8 bytes only where a character
// beyond U+FFFF meets one between U+E000 and U+FFFF.
func compareUTF16(a, b string) int {
	for len(a) > 0 && len(b) > 0 {
		if a[0] < utf8.RuneSelf && a[0] == b[0] {
			a, b = a[1:], b[1:]
			continue
		}
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if first := firstUnit(ra) - firstUnit(rb); first != 0 {
			return int(first)
		}
		if ra != rb { // two beyond U+FFFF, in the order of their second units
			return int(ra - rb)
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

func firstUnit(r rune) rune {
	if r > 0xFFFF {
		return 0xD800 + (r-0x10000)>>10
	}
	return r
}

// AppendNumber appends f as ECMAScript's Number::toString prints it (RFC 8785
// section 3.2.2.3). f must be finite.
func AppendNumber(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0') // also for negative zero
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go pads the exponent to two digits, ECMAScript does not.
	if n := len(dst); dst[n-2] == '0' && dst[n-3] == '-' { // the positive ones have two, from 21 on
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
