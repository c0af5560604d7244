package github

import (
	"archive/tar"
	"compress/gzip"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// downloads is where archives are downloaded from, which GitHub does at another host.
const downloads = "/codeload/"

// archiveLink leads to the archive of a commit. Who knows the link may download it for a few minutes.
// Source: https://docs.github.com/rest/repos/contents#download-a-repository-archive-tar
func (s *Server) archiveLink(w http.ResponseWriter, r *http.Request, name string, repository Repository, ref string) {
	if ref == "" {
		ref = repository.DefaultBranch
	}
	commit, _, known := repository.find(ref)
	if !known {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	s.counted++
	http.Redirect(w, r, "http://"+r.Host+downloads+name+"/legacy.tar.gz/"+commit+"?token="+linkToken, http.StatusFound)
}

// linkToken is what links to archives have in them.
const linkToken = "SHORTLIVED"

// archive answers with the files of a commit. It takes the token of the link, and no other.
func (s *Server) archive(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, downloads), "/")
	if r.Header.Get("Authorization") != "" || r.URL.Query().Get("token") != linkToken || len(parts) != 4 {
		http.Error(w, "404: Not Found", http.StatusNotFound)
		return
	}
	_, found, _ := s.estate.Repositories[parts[0]+"/"+parts[1]].find(parts[3])
	w.Header().Set("Content-Type", "application/x-gzip")
	zipped := gzip.NewWriter(w)
	all := tar.NewWriter(zipped)
	root := parts[0] + "-" + parts[1] + "-" + parts[3][:7] + "/"
	_ = all.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: root, Mode: 0o755})
	for _, path := range slices.Sorted(maps.Keys(found.Files)) {
		_ = all.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: root + path, Mode: 0o644, Size: int64(len(found.Files[path]))})
		_, _ = all.Write([]byte(found.Files[path]))
	}
	for _, path := range slices.Sorted(maps.Keys(found.Links)) {
		_ = all.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: root + path, Linkname: found.Links[path], Mode: 0o777})
	}
	_ = all.Close()
	_ = zipped.Close()
}
