package cli

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// fileSecret says where the password of a file for another wallet comes from.
// It is another than the wallet's own passphrase.
type fileSecret struct {
	file string
	fd   int
}

func (s *session) fileSecretFlags(c *cobra.Command, f *fileSecret) {
	c.Flags().StringVar(&f.file, "file-password-file", "", s.t("flag.file-password-file"))
	c.Flags().IntVar(&f.fd, "file-password-fd", -1, s.t("flag.file-password-fd"))
	c.Flags().Lookup("file-password-fd").DefValue = "0" // so that help names no default
}

// filePassword gets the password from what is named, or asks at the terminal;
// a new one is asked for twice.
func (s *session) filePassword(f fileSecret, isNew bool) ([]byte, error) {
	var raw []byte
	var err error
	switch {
	case f.file != "":
		raw, err = app.ReadFile(f.file)
	case f.fd >= 0:
		raw, err = readFD(f.fd)
	case s.noInput || s.env.Terminal == nil:
		return nil, reason.New("locked/no-file-password", "", "there is no terminal to ask at: give --file-password-file FILE or --file-password-fd N")
	default:
		return s.askPassphrase(s.t("ask.file-password"), isNew)
	}
	if err != nil {
		return nil, err
	}
	// One line end belongs to the file that holds it, not to the password.
	return bytes.TrimSuffix(bytes.TrimSuffix(raw, []byte("\n")), []byte("\r")), nil
}
