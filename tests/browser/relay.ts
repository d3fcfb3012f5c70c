/** A bad link in front of the real program: loses answers after the program has acted, goes down, and can make the app look like another version. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

export class Relay {
  /** Says of a request whether its answer is lost on the way. */
  losesAnswer: (path: string, method: string) => boolean = () => false
  isDown = false
  /** Put in the place of the app's version, where one is given. */
  version: { from: string; to: string } | null = null
  lost = 0
  private readonly server: Server
  private constructor(private readonly target: URL) {
    this.server = createServer((from, to) => this.pass(from, to))
  }

  static async before(url: string): Promise<Relay> {
    const relay = new Relay(new URL(url))
    await new Promise<void>((resolve) => relay.server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  get url(): string {
    const address = this.server.address()
    return `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`
  }

  close() {
    this.server.closeAllConnections()
    this.server.close()
  }

  private pass(from: IncomingMessage, to: ServerResponse) {
    if (this.isDown) {
      to.destroy()
      return
    }
    const { method = 'GET', url: path = '/' } = from
    const headers = { ...from.headers, 'accept-encoding': 'identity' }
    if (this.version) delete (headers as Record<string, unknown>)['if-none-match']
    const { hostname, port } = this.target
    const onward = request({ hostname, port, path, method, headers }, (answer) => {
      if (this.losesAnswer(path, method)) {
        this.lost += 1
        answer.resume()
        answer.on('end', () => to.destroy())
        return
      }
      const isShell = this.version && /^\/field(\?|$|-worker)/.test(path)
      if (!isShell) {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(to)
        return
      }
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        const { from: old = '', to: next = '' } = this.version ?? {}
        const text = Buffer.concat(parts).toString('utf8').replaceAll(old, next)
        const { 'content-length': _length, etag: _etag, ...rest } = answer.headers
        to.writeHead(answer.statusCode ?? 502, rest)
        to.end(text)
      })
    })
    onward.on('error', () => to.destroy())
    from.pipe(onward)
  }
}
