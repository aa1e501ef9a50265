// The official servers of the AT Protocol, for tests: one process each, so that
// the one that holds the posts can be killed and started again on its data.
//
//   node server.mjs plc PORT                      the directory of identities, in memory
//   node server.mjs pds PORT PLC_URL DATA_FOLDER  a personal data server
//
// Prints one line of JSON, {"url": …}, when it answers, and ends with its
// standard input, so that none is left behind by a test that dies.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

const [, , kind, port, plcUrl, folder] = process.argv

async function plc() {
  const { PlcServer, Database } = await import('@did-plc/server').then((m) => m.default ?? m)
  const server = PlcServer.create({ db: Database.mock(), port: Number(port) })
  await server.start()
}

async function pds() {
  const { PDS, envToCfg, envToSecrets } = await import('@atproto/pds')
  const blobs = join(folder, 'blobs')
  mkdirSync(blobs, { recursive: true })
  const env = {
    devMode: true,
    port: Number(port),
    hostname: 'localhost',
    dataDirectory: folder,
    blobstoreDiskLocation: blobs,
    didPlcUrl: plcUrl,
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    disableSsrfProtection: true,
    // Keys of a server that lives for one test; the same after a restart.
    adminPassword: 'admin-pass',
    jwtSecret: 'jwt-secret',
    plcRotationKeyK256PrivateKeyHex: '11'.repeat(32),
    logEnabled: false,
  }
  const server = await PDS.create(envToCfg(env), envToSecrets(env))
  await server.start()
}

process.env.LOG_ENABLED = 'false'
await (kind === 'plc' ? plc() : pds())
console.log(JSON.stringify({ url: `http://localhost:${port}` }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
