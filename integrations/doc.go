// Package integrations lists every integration, family by family. Each is a package of its own below its family's
// folder. Six of them are examples to write others by:
//
//   - quay/membership: a system with a REST API; one scope for each organisation, changes vetted before they are
//     planned, faults of single items reported as problems.
//   - openshift/resourcequotas: objects in the namespaces of clusters, by what the family shares; the integration
//     itself only says which objects there are to be.
//   - openshift/limitranges: the same, with objects whose exact form running estates depend on.
//   - openshift/namespaces: objects of a cluster itself, through a narrow client interface of its own.
//   - appinterface/servicedependencies: a validator, which only checks.
//   - aws/accountmanager: a long-running one, whose changes wait for AWS and for people.
//
// inventory.txt lists the names and families of all integrations of the reference. The command make new begins the
// package of one of them.
package integrations
