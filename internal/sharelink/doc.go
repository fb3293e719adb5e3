// Package sharelink keeps a presentation under a link: an encrypted file that any
// host of static files can serve, and the key to it behind the "#" of the link,
// which browsers and programs do not send to the host.
//
// A share ("bevis-share/1") is a folder of:
//
//	share.age    the presentation, encrypted to the key of the link
//	status.age   whether it is in force, signed by the holder, encrypted likewise
//	README.txt   how to open it with age alone
//	index.html   what somebody sees who opens the link in a browser
//
// The key is an age X25519 identity (https://age-encryption.org/v1), so that
// with "age -d -i" the presentation can be had without this program. The status
// document is a JWS by the key that signed the presentation and names the share
// and the SHA-256 of share.age: that of another share is no use to anybody. It
// is encrypted as well, because the holder's key in it would tell a host which
// shares are of one person. So a host learns the sizes, and when something was
// asked for. It could keep an old status document: a share that was read cannot
// be unread, and one whose host works against its owner cannot be taken back.
//
// Nothing here connects to anything. No error and no [Link] that is printed
// holds the key.
package sharelink
