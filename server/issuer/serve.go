package issuer

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Bounds of a connection.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 15 * time.Second
	sendTimeout   = 15 * time.Second // beyond the time for the work
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
)

// Serve answers on a listener, over TLS if there is a configuration with a
// certificate, until ctx ends. Then it takes no more, finishes what was begun
// within Config.Drain, and returns: only after that may the ledger be closed. It
// closes the listener.
func (s *Server) Serve(ctx context.Context, l net.Listener, secure *tls.Config) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: readTimeout + s.cfg.Timeout + sendTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, TLSConfig: secure,
		// What was begun goes on when ctx ends.
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    log.New(io.Discard, "", 0), // it names addresses of people
	}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		limited, done := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Drain)
		defer done()
		drained <- server.Shutdown(limited)
	})
	var err error
	if secure != nil {
		err = server.ServeTLS(l, "", "")
	} else {
		err = server.Serve(l)
	}
	if !stop() && errors.Is(err, http.ErrServerClosed) {
		if err := <-drained; err != nil {
			_ = server.Close() // what is open is cut: it took longer than was given
			return reason.New(reason.IO, l.Addr().String(), "some requests were not finished within %v", s.cfg.Drain)
		}
		return nil
	}
	return reason.New(reason.IO, l.Addr().String(), "no more requests can be taken: %w", err)
}
