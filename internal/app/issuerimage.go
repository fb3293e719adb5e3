package app

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/certificate"
	"github.com/kompetansebevis/bevis/reason"
)

// maxProfileImage is the largest picture that goes into each credential with its
// issuer's profile, in bytes.
const maxProfileImage = 32 << 10

// pngData begins the data URL of a PNG.
const pngData = "data:image/png;base64,"

// ProfileImage returns what a profile has as its picture for what somebody named: an
// https address as it is, and a file with a PNG as a data URL. Nothing is fetched. Of the
// two formats that the standard knows, an SVG can hold scripts, and so verifiers warn of
// each credential with one in it. Empty stays empty.
func ProfileImage(named string) (string, error) {
	if named == "" || strings.HasPrefix(named, "https://") {
		return named, nil
	}
	if strings.Contains(named, "://") || strings.HasPrefix(named, "data:") {
		return "", profile.Refuse(reason.Usage, "--image", saidImageWhat.With())
	}
	raw, err := ReadFile(named)
	switch {
	case err != nil:
		return "", err
	case len(raw) > maxProfileImage:
		return "", profile.Refuse(reason.Usage, "--image", saidImageLarge.With(strconv.Itoa(len(raw)), strconv.Itoa(maxProfileImage)))
	case bake.Detect(raw) != bake.PNG:
		return "", profile.Refuse("image_invalid/format", named, saidImagePNG.With())
	}
	if _, err := certificate.ReadPicture(raw); err != nil {
		return "", reason.Wrap(reason.CodeOf(err), named, bareReason(err))
	}
	return pngData + base64.StdEncoding.EncodeToString(raw), nil
}

// checkImage refuses what cannot be the picture of a profile.
func checkImage(image string) error {
	if data, ok := strings.CutPrefix(image, pngData); ok {
		if size := base64.StdEncoding.DecodedLen(len(data)); size > maxProfileImage+2 { // padding
			return profile.Refuse(reason.Usage, "--image", saidImageLarge.With(strconv.Itoa(size), strconv.Itoa(maxProfileImage)))
		}
		return nil
	}
	if image != "" && (!isAddress(image, "https") || len(image) > maxProfileText) {
		return profile.Refuse(reason.Usage, "--image", saidImageWhat.With())
	}
	return nil
}
