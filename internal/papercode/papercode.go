package papercode

import (
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// Mark is what a code begins with. The number is of the form: another form gets
// another one.
const Mark = "BEVIS1:"

// MaxText is how long a text is at most: more does not fit into any code.
const MaxText = 4296

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// Is reports whether a text says that it is a code of ours.
func Is(text string) bool { return strings.HasPrefix(text, Mark) }

// Text returns what goes into the code.
func Text(message []byte) string {
	var b strings.Builder
	b.Grow(len(Mark) + (len(message)*3+1)/2)
	b.WriteString(Mark)
	for len(message) > 0 {
		n, digits := int(message[0]), 2
		if len(message) > 1 {
			n, digits = n<<8|int(message[1]), 3
		}
		for range digits {
			b.WriteByte(alphabet[n%len(alphabet)])
			n /= len(alphabet)
		}
		message = message[min(2, len(message)):]
	}
	return b.String()
}

// Read returns the message in a text, in the one way in which Text writes it.
// Errors are malformed/printed and resource_limit/printed.
func Read(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, Mark)
	switch {
	case !ok || digits == "":
		return nil, malformed()
	case len(text) > MaxText:
		return nil, reason.New("resource_limit/printed", "", "a code of %d characters, the limit is %d", len(text), MaxText)
	}
	out := make([]byte, 0, len(digits)*2/3+1)
	for len(digits) > 0 {
		group := digits[:min(3, len(digits))]
		n := 0
		for i := len(group) - 1; i >= 0; i-- {
			d := strings.IndexByte(alphabet, group[i])
			if d < 0 {
				return nil, malformed()
			}
			n = n*len(alphabet) + d
		}
		switch {
		case len(group) == 3 && n < 1<<16:
			out = append(out, byte(n>>8), byte(n))
		case len(group) == 2 && n < 1<<8:
			out = append(out, byte(n))
		default:
			return nil, malformed()
		}
		digits = digits[len(group):]
	}
	return out, nil
}

func malformed() error {
	return reason.New("malformed/printed", "", "the code begins with %s and no base45 follows", Mark)
}
