import HTTPTypes
import Hummingbird
import TFStore

extension RouteServer {
    /// Holds a change to the state of its object that the caller has read: one of the tags of `If-Match` has to be the
    /// one that a read would give them now (RFC 9110, 13.1.1).
    /// - Throws: `Failure.preconditionFailed` with the present tag.
    func demandMatch(
        _ request: Request, _ context: WebContext, _ credential: Credential.Found?, _ session: ReadSession
    ) throws {
        guard let wanted = request.headers[.ifMatch], let route = context.route,
            let read = context.table?.read(ofObjectOf: route), let tag = read.tag
        else { return }
        let present: String?
        do {
            present = try tag(request, context.asking(read), credential, session)
        } catch let error where Failure(error) != nil && !StoreError.isTemporary(error) {
            // For this caller there is none.
            throw Failure.preconditionFailed(current: nil)
        }
        guard wanted == "*" || EntityTags.matches(wanted, present) else {
            throw Failure.preconditionFailed(current: present)
        }
    }
}
