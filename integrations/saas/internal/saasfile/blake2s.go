package saasfile

import (
	"encoding/binary"
	"math/bits"
)

// blake2sIV and blake2sOrder are the constants of RFC 7693.
func blake2sIV() [8]uint32 {
	return [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}
}

func blake2sOrder() [10][16]byte {
	return [10][16]byte{
		{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
		{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
		{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
		{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
		{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
		{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
		{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
		{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
		{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
		{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
	}
}

// blake2s is the hash of RFC 7693 with a digest of size bytes, 32 at the most, and without a key. The size is part of what is
// hashed, so a shorter digest is not the beginning of a longer one; golang.org/x/crypto has the one of 32 bytes only.
func blake2s(data []byte, size int) []byte {
	state := blake2sIV()
	state[0] ^= 0x01010000 ^ uint32(size)
	done := uint64(0)
	for len(data) > 64 {
		done += 64
		state = compress(state, [64]byte(data[:64]), done, false)
		data = data[64:]
	}
	var last [64]byte
	copy(last[:], data)
	state = compress(state, last, done+uint64(len(data)), true)
	var out [32]byte
	for i, word := range state {
		binary.LittleEndian.PutUint32(out[4*i:], word)
	}
	return out[:size]
}

// compress is the function F of RFC 7693, section 3.2.
func compress(state [8]uint32, block [64]byte, done uint64, final bool) [8]uint32 {
	var words [16]uint32
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(block[4*i:])
	}
	iv := blake2sIV()
	var v [16]uint32
	copy(v[:8], state[:])
	copy(v[8:], iv[:])
	v[12] ^= uint32(done)
	v[13] ^= uint32(done >> 32)
	if final {
		v[14] = ^v[14]
	}
	mix := func(a, b, c, d int, x, y uint32) {
		v[a] += v[b] + x
		v[d] = bits.RotateLeft32(v[d]^v[a], -16)
		v[c] += v[d]
		v[b] = bits.RotateLeft32(v[b]^v[c], -12)
		v[a] += v[b] + y
		v[d] = bits.RotateLeft32(v[d]^v[a], -8)
		v[c] += v[d]
		v[b] = bits.RotateLeft32(v[b]^v[c], -7)
	}
	for _, s := range blake2sOrder() {
		mix(0, 4, 8, 12, words[s[0]], words[s[1]])
		mix(1, 5, 9, 13, words[s[2]], words[s[3]])
		mix(2, 6, 10, 14, words[s[4]], words[s[5]])
		mix(3, 7, 11, 15, words[s[6]], words[s[7]])
		mix(0, 5, 10, 15, words[s[8]], words[s[9]])
		mix(1, 6, 11, 12, words[s[10]], words[s[11]])
		mix(2, 7, 8, 13, words[s[12]], words[s[13]])
		mix(3, 4, 9, 14, words[s[14]], words[s[15]])
	}
	for i := range state {
		state[i] ^= v[i] ^ v[i+8]
	}
	return state
}
