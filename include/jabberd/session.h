/* SPDX-License-Identifier: MIT */
/* The session protocol: what a socket manager and a session manager say to each other, in packets. No function: names
 * and rules only, for programmers of either of the two. */
#ifndef JABBERD_SESSION_H
#define JABBERD_SESSION_H

/* clang-format off */
/* Every packet between the two bears sto, where it goes, and sfrom, where it comes from (packet.h). C is the address of
 * the connection, F the session manager's host, U the authenticated user's bare address, S the session id (U and a
 * resource).
 *
 *   state            what a client may send                                  sto
 *   Unknown          auth packets: jabber:iq:auth, jabber:iq:register, SASL  F
 *   Authenticated    iq set holding <bind/>                                  U      (after SASL; iq:auth skips this state)
 *   Bound            message, presence, iq                                   S
 *
 * What the client sends in a state that does not list it ends its stream, and never gets here.
 * What it sends behind a packet whose answer may change the state is not read before that answer, and then judged in the
 * new one: a set of jabber:iq:auth, anything of SASL, <bind/>, and the question what to offer.
 *
 * An answer bears the `id` of the packet it answers: the socket manager puts a nonce of its own there and gives the
 * client its own id back. An answer comes from the session manager the connection belongs to: sfrom is F, or of that
 * host. To a connection that is Unknown it is no longer than 256 KiB: what is longer is ignored.
 *
 * Several session managers may serve one host, each in a process of its own. Then each has a name of its own one label
 * below that of the host, and has it in sfrom: in the first answer to a connection that is Unknown (F from then on, for this
 * connection), and in U and S ("alice@sm1.foo.com/r", whose jid is alice@foo.com/r). So all that follows finds its way
 * back to the one that has answered. Who of them owns a user is theirs to agree on.
 *
 * Features
 * --------
 * When a stream of XMPP 1.0 begins, and again after each login, the socket manager asks what to offer:
 *
 *   <iq type='get' id='…' sto='F' sfrom='C'><query xmlns='jabber:iq:stream-features'><connection …/></query></iq>
 *
 * The query has the `from` of the client's stream header, where it has one: the client's word only, and no login. Its
 * xml:lang is that of the header.
 *
 *   <iq type='result' id='…' sto='C' sfrom='F'><query xmlns='jabber:iq:stream-features'> features </query></iq>
 *
 * The children of the answer's query go into <stream:features/> as they are; the socket manager adds what is its own
 * (starttls, limits). sto tells the state: F before login, U before binding, S after a login that has bound already.
 * Any error means: this session manager knows jabber:iq:auth only. SASL PLAIN is then translated for it.
 * What else the session manager wants is said in the answer as well, in a <wants/> that no client sees. What is not
 * wanted is not done; the last answer counts.
 *
 *   <wants xmlns='jabber:socket-manager:wants'><end/><relay>urn:xmpp:sm:3</relay><relay>urn:xmpp:csi:0</relay></wants>
 *
 * On a stream without version='1.0' the same question tells who has come: it is asked of a session manager that is known
 * to answer it, the client does not wait, and of the answer only <wants/> is used.
 *
 * SASL (RFC 6120 §6, and XEP-0388)
 * --------------------------------
 * <auth/>, <response/> and <abort/>, or <authenticate/>, <response/> and <abort/> of urn:xmpp:sasl:2, are packets with
 * that name and `xmlns`; what is in the client's element is the body. A <connection/> is put before what is in <auth/>
 * and <authenticate/>; the client cannot send one. <next/> and <continue/> of urn:xmpp:sasl:2 are a <response/> and a
 * <challenge/> of another kind.
 *
 *   <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN' id='…' sto='F' sfrom='C'><connection …/>AGE=</auth>
 *   <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' id='…' sto='C' sfrom='U'/>
 *
 * <challenge/>, <failure/> and <success/> are answers in the same way. Who is logged in is the sfrom of <success/>, and
 * nothing else: U, or S when it has bound a resource as well (XEP-0386). With type='handle' the user part of U is a
 * handle, for a session manager that is told by another server who the user is, and only when a resource is bound: then S
 * may be of any user. Only a mechanism that was offered to this stream gets here, those inside of <inline/> too, only one exchange goes on at a time, and only <challenge/> is followed by <response/>. When a client
 * goes away in the middle, the socket manager sends an <abort/> in its place; it expects no answer.
 *
 * Binding (RFC 6120 §7)
 * ---------------------
 *   <iq type='set' id='…' sto='U' sfrom='C'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>…</bind></iq>
 *   <iq type='result' id='…' sto='C' sfrom='S'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>S</jid></bind></iq>
 *
 * The sfrom of the result is the session id from then on. An error leaves the state Authenticated.
 *
 * The end
 * -------
 * From Authenticated on, the end of the connection is told by one 510 with sto U or S, and so is the end of the session
 * by the session manager: <message type='error'><error code='510'>Disconnected</error></message>.
 *
 * That of the session manager may say how it ended, in words that the client is then told:
 *
 *   <message type='error' sto='C' sfrom='S'><error code='510'>Disconnected</error>
 *     <end xmlns='jabber:socket-manager:end' condition='not-authorized'>The account was removed</end></message>
 *
 * `condition` is that of a stream error (RFC 6120 §4.9.3), the text is for people and may be empty. conflict is for a
 * session whose resource a newer login has, and for nothing else: clients do not connect again after it. see-other-host
 * (RFC 6120 §4.9.3.19) needs host='other.foo.com:5222' besides, where the client is to go. Without an <end/>, or with a
 * condition that the socket manager does not know, it is the text of <error/> that counts.
 *
 * A packet whose sfrom is not S, U or F is of a session that this connection does not have. It never reaches the client,
 * and goes back as a 510, as one for a connection that is gone does (packet.h). A message whose sfrom is U cannot be
 * returned to its session: one that comes again and again is given up after a few times, and its author told.
 *
 * A session manager that wants <end/> is told more: at the end of a connection that is Unknown, by a 510 with sto F; and
 * in each 510 how it ended, closed (the client has closed its stream) or lost (anything else):
 *
 *   <message type='error' sto='S' sfrom='C'><error code='510'>Disconnected</error>
 *     <end xmlns='jabber:socket-manager:end' how='lost'/></message>
 *
 * What the client had not been sent by then comes back behind that, as it always does.
 *
 * Relayed namespaces
 * ------------------
 * An element in a namespace that the session manager wants to <relay/> passes between it and the client once a resource
 * is bound, in order with the stanzas, with sto and sfrom as theirs. It never comes back as a 510.
 * Where urn:xmpp:sm:3 is one of them, <resume/> passes while Authenticated, in place of <bind/> (XEP-0198 §5). It is a
 * question as that is: <resumed/> from S means Bound, <failed/> leaves the state. Where it is none of them the socket
 * manager may have stream management of its own: then <resume/> and <enable/> are not in what it passes of <authenticate/>
 * and of the <bind/> inside of that, and it adds to <success/> what becomes of them (XEP-0198 §9).
 *
 * Written
 * -------
 * How far a client has been written to is answered to who asks:
 *
 *   <r xmlns='jabber:socket-manager:written' sto='C' sfrom='S'/>
 *   <a xmlns='jabber:socket-manager:written' sto='S' sfrom='C'/>
 *
 * The answer comes when the kernel has taken all that came before <r/>, so answers come in the order of the questions.
 * When the connection ends before that, <r/> comes back as a 510, among what else comes back; so the last one that is
 * asked behind a 510 tells that nothing more will.
 *
 * Connection
 * ----------
 * What the session manager cannot see for itself:
 *
 *   <connection xmlns='jabber:socket-manager:connection' address='192.0.2.7' port='40210'>
 *     <tls version='TLSv1.3' cipher='TLS_AES_256_GCM_SHA384'>
 *       <channel-binding type='tls-exporter'>base64</channel-binding>             RFC 9266
 *       <channel-binding type='tls-unique'>base64</channel-binding>               RFC 5929 §3; also under TLS 1.3
 *       <channel-binding type='tls-server-end-point'>base64</channel-binding>     RFC 5929 §4
 *     </tls>
 *   </connection>
 *
 * The address is the client's own: behind a proxy it is that which the proxy names by a PROXY header, where it sends one.
 *
 * carrier='websocket': the stream is in the messages of a WebSocket (RFC 7395), as those of clients in browsers are.
 *
 * No <tls/>: the client's bytes travel in the clear. There plain='yes' says that the operator lets a password travel
 * so: only then may SASL PLAIN be offered without <tls/>. A type of channel binding that this connection does not have is
 * left out. */
/* clang-format on */

#define JABBERD_NS_FEATURES "jabber:iq:stream-features"
#define JABBERD_NS_CONNECTION "jabber:socket-manager:connection"
#define JABBERD_NS_END "jabber:socket-manager:end"
#define JABBERD_NS_WANTS "jabber:socket-manager:wants"
#define JABBERD_NS_WRITTEN "jabber:socket-manager:written"

#endif
