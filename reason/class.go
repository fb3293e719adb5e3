package reason

// Class is what a code means for who asked. The zero value is Fault.
type Class uint8

// The classes. The five verdicts that are not "valid" come first in spirit:
// they are never merged.
const (
	Fault        Class = iota // a bug in bevis or a code without a class
	Invalid                   // proof wrong, tampered, malformed, revoked
	Undetermined              // a required check could not be made
	Untrusted                 // nothing wrong was found, but the issuer is not trusted
	NotInForce                // expired, not yet valid, suspended
	Unreadable                // the input holds no credential, or cannot be read
	Warning                   // valid, and something about it must be shown with care
	Denied                    // passphrase missing or wrong, consent refused
	Missing                   // what was named is not there
	Conflicting               // it exists already, or another process holds the lock
	Misuse                    // the call's words are off
	Failure                   // anything else that went wrong outside bevis
	Interrupted               // stopped by the user
)

// ExitCode returns the exit code of the command for the class. The table is
// printed by "bevis help exit-codes".
func (c Class) ExitCode() int {
	switch c {
	case Warning:
		return 0
	case Failure:
		return 1
	case Misuse:
		return 2
	case Invalid:
		return 3
	case Undetermined:
		return 4
	case Untrusted:
		return 5
	case NotInForce:
		return 6
	case Unreadable:
		return 7
	case Denied:
		return 8
	case Missing:
		return 9
	case Conflicting:
		return 10
	case Interrupted:
		return 130
	default:
		return 70
	}
}

// HTTPStatus returns the status of an HTTP answer for the class. A verdict is
// an answer, not an error, so all verdicts are 200 except where the request
// held nothing to judge.
func (c Class) HTTPStatus() int {
	switch c {
	case Invalid, Undetermined, Untrusted, NotInForce, Warning:
		return 200
	case Misuse, Unreadable:
		return 400
	case Denied:
		return 403
	case Missing:
		return 404
	case Conflicting:
		return 409
	case Interrupted:
		return 499
	default:
		return 500
	}
}

// Severity orders the verdicts of a batch or of several checks: the highest
// wins. It follows the exit codes 3, 4, 5, 6, 7.
func (c Class) Severity() int {
	switch c {
	case Invalid:
		return 6
	case Undetermined:
		return 5
	case Untrusted:
		return 4
	case NotInForce:
		return 3
	case Unreadable:
		return 2
	case Warning:
		return 1
	default:
		return 7
	}
}
