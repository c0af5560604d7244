package sqlquery

import (
	"fmt"
	"strings"
)

// The outputs.
const (
	// stdout prints the result.
	stdout = "stdout"
	// filesystem leaves the result in the pod, which sleeps then.
	filesystem = "filesystem"
	// encrypted prints the result encrypted for the requestor.
	encrypted = "encrypted"
)

const (
	// mountPath is where ConfigMaps are mounted, keyFile the requestor's key among them, and the others are the SQL.
	mountPath = "/configs"
	keyFile   = "gpg-key"
	// sqlFile is all of the SQL.
	sqlFile    = "/tmp/queries"
	resultFile = "/tmp/query-result.txt"
	// sleeps is for how many seconds a pod sleeps that has the result in its file system.
	sleeps = 3600
)

// programs are the command lines by engine. The names in $() are variables of the container, which Kubernetes puts in.
func programs() map[string]string {
	return map[string]string{
		"postgres": `time PGPASSWORD='$(db.password)' psql --host=$(db.host) --port=$(db.port) --username=$(db.user) --dbname=$(db.name) --file="` + sqlFile + `"`,
		"mysql":    `time mysql --host=$(db.host) --port=$(db.port) --database=$(db.name) --user=$(db.user) --password='$(db.password)' < "` + sqlFile + `"`,
	}
}

// command is what bash runs in the pod.
func command(client, output, recipient string) string {
	lines := []string{fmt.Sprintf("cat '%s'/q* > '%s'", mountPath, sqlFile)}
	if output == stdout {
		return strings.Join(append(lines, "("+client+")"), "; ")
	}
	lines = append(lines, "("+client+") &>> "+resultFile)
	if output == filesystem {
		lines = append(lines,
			`echo "oc cp ${HOSTNAME}:`+resultFile[1:]+` ${HOSTNAME}-query-result.txt copies the result within the next `+fmt.Sprint(sleeps)+` seconds"`,
			fmt.Sprintf("sleep %d", sleeps))
		return strings.Join(lines, "; ")
	}
	gpg := "gpg --homedir /tmp/.gnupg "
	lines = append(lines,
		"mkdir -p -m 700 /tmp/.gnupg",
		"base64 --decode "+mountPath+"/"+keyFile+" | "+gpg+"--import",
		gpg+"--trust-model always --armor -r '"+recipient+"' --encrypt "+resultFile,
		"rm "+resultFile,
		`echo "save what follows as ${HOSTNAME}-query-result.txt, and decrypt it: gpg -d ${HOSTNAME}-query-result.txt"`,
		"cat "+resultFile+".asc")
	return strings.Join(lines, "; ")
}
