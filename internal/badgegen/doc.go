// Package badgegen makes Open Badges of all kinds for the tests of what maps them.
package badgegen
