package vcapi

import (
	"encoding/json"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/reason"
)

// Kind is a way of issuing that a test suite asks for: each has an issuer of
// its own.
type Kind struct {
	Name  string // of the issuer, and of the file that its key may be kept in
	suite proof.ID
	key   key.Type
	curve string   // as the suites write it, where they ask for it
	tags  []string // by which suites find it
}

// Kinds are all of them. The one with the tag of the status suite gives
// credentials a place in a status list.
func Kinds() []Kind {
	const p256, p384 = "P-256", "P-384"
	return []Kind{
		{"eddsa-rdfc-2022", dataintegrity.EdDSARDFC2022, key.Ed25519, "", []string{"vc2.0", "eddsa-rdfc-2022"}},
		{"eddsa-jcs-2022", dataintegrity.EdDSAJCS2022, key.Ed25519, "", []string{"eddsa-jcs-2022"}},
		{"ecdsa-rdfc-2019-p256", dataintegrity.ECDSARDFC2019, key.P256, p256, []string{"ecdsa-rdfc-2019"}},
		{"ecdsa-rdfc-2019-p384", dataintegrity.ECDSARDFC2019, key.P384, p384, []string{"ecdsa-rdfc-2019"}},
		{"ecdsa-jcs-2019-p256", dataintegrity.ECDSAJCS2019, key.P256, p256, []string{"ecdsa-jcs-2019"}},
		{"ecdsa-jcs-2019-p384", dataintegrity.ECDSAJCS2019, key.P384, p384, []string{"ecdsa-jcs-2019"}},
		{"ecdsa-sd-2023-p256", dataintegrity.ECDSASD2023, key.P256, p256, []string{"ecdsa-sd-2023"}},
		{"bbs-2023", dataintegrity.BBS2023, key.BLS12381G2, "", []string{"bbs-2023"}},
		{"vc-jwt", jose.VCJWT, key.P256, "", []string{"EnvelopingProof"}},
		{"status", dataintegrity.EdDSARDFC2022, key.Ed25519, "", []string{statusTag, "Revocation"}},
	}
}

const statusTag = "BitstringStatusList"

// pemKey is a private key that can be kept.
type pemKey interface {
	Public() key.Public
	Signer(id string) key.Signer
	MarshalPEM() ([]byte, error)
}

// Issuer returns the issuer of a kind with the key that a PEM file holds, or
// with a new one for no file; then made is what to keep.
func (k Kind) Issuer(pem []byte) (issuer Issuer, made []byte, err error) {
	private, err := k.private(pem)
	if err != nil {
		return Issuer{}, nil, err
	}
	if t := private.Public().Type(); t != k.key {
		return Issuer{}, nil, reason.New("key_invalid/key-type", k.Name, "the key is of type %s, not %s", t, k.key)
	}
	if pem == nil {
		if made, err = private.MarshalPEM(); err != nil {
			return Issuer{}, nil, err
		}
	}
	_, method, err := did.KeyID(private.Public())
	if err != nil {
		return Issuer{}, nil, err
	}
	return Issuer{Name: k.Name, Suite: k.suite, Signer: private.Signer(method), Status: k.tags[0] == statusTag}, made, nil
}

func (k Kind) private(pem []byte) (pemKey, error) {
	switch {
	case k.key == key.BLS12381G2 && pem == nil:
		return bbskey.Generate()
	case k.key == key.BLS12381G2:
		return bbskey.ParsePEM(pem)
	case pem == nil:
		return key.Generate(k.key)
	}
	return key.ParsePEM(pem)
}

// endpointConfig is one endpoint as vc-test-suite-implementations describes it.
type endpointConfig struct {
	ID       string          `json:"id"`
	Endpoint string          `json:"endpoint"`
	Curves   []string        `json:"supportedEcdsaKeyTypes,omitempty"`
	Supports *supportsConfig `json:"supports,omitempty"`
	Tags     []string        `json:"tags"`
}

type supportsConfig struct {
	VC       []string `json:"vc"`
	KeyTypes []string `json:"keyTypes,omitempty"`
}

type implementationConfig struct {
	Name           string           `json:"name"`
	Implementation string           `json:"implementation"`
	Issuers        []endpointConfig `json:"issuers"`
	Verifiers      []endpointConfig `json:"verifiers"`
	VPVerifiers    []endpointConfig `json:"vpVerifiers"`
	VCHolders      []endpointConfig `json:"vcHolders"`
}

// LocalConfig returns localConfig.cjs for the test suites: which endpoints
// there are, and what each can do.
func (a *Adapter) LocalConfig() ([]byte, error) {
	c := implementationConfig{Name: "bevis", Implementation: "bevis"}
	at := func(path string, k Kind) endpointConfig {
		issuer := a.issuers[k.Name]
		e := endpointConfig{ID: issuer.id(), Endpoint: a.cfg.Base + path, Tags: k.tags, Supports: &supportsConfig{VC: []string{"1.1", "2.0"}}}
		if k.curve != "" {
			e.Curves, e.Supports.KeyTypes = []string{k.curve}, []string{k.curve}
		}
		return e
	}
	for _, k := range Kinds() {
		if a.issuers[k.Name] == nil {
			continue
		}
		c.Issuers = append(c.Issuers, at("/issuers/"+k.Name+"/credentials/issue", k))
		c.Verifiers = append(c.Verifiers, at("/credentials/verify", k))
		c.VPVerifiers = append(c.VPVerifiers, at("/presentations/verify", k))
		if _, ok := a.issuers[k.Name].suite.(proof.Discloser); ok {
			holder := at("/credentials/derive", k)
			holder.Tags = append([]string{"vcHolder"}, k.tags...)
			c.VCHolders = append(c.VCHolders, holder)
		}
	}
	text, err := json.MarshalIndent(struct {
		Settings struct {
			Interop bool `json:"enableInteropTests"`
			All     bool `json:"testAllImplementations"`
		} `json:"settings"`
		Implementations []implementationConfig `json:"implementations"`
	}{Implementations: []implementationConfig{c}}, "", "  ")
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return append(append([]byte("module.exports = "), text...), ";\n"...), nil
}
