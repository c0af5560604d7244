package saasfile

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	crypto "golang.org/x/crypto/blake2s"
)

func TestBlake2sIsThatOfTheLibrary(t *testing.T) {
	for length := range 200 {
		data := bytes.Repeat([]byte{byte(length)}, length)
		want := crypto.Sum256(data)
		require.Equal(t, want[:], blake2s(data, 32), "%d bytes", length)
	}
}

func TestBlake2sOfTwentyBytes(t *testing.T) {
	require.Equal(t, "8c507c69c7651dc1a6e6d83f422a1a660a95b8e8", hex.EncodeToString(blake2s([]byte("saas-shop:shop-api:default:east:shop-stage"), 20)))
}
