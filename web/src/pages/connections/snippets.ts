/** What can be written into the configuration, as an operator would begin. */
export const snippets = {
  component: `components:
  http:
    - name: warehouse            # what a playbook's lookup calls it
      url: https://warehouse.example.com/v1/parcels/{id}
      auth:
        bearer: {env: WAREHOUSE_TOKEN}
      timeout: 5s
      map: |                     # jq over the answer
        if $status == 404 then {found: false}
        else {found: true, data: {where: .location}} end
`,
  source: `sources:
  - name: shop                   # received at /hooks/shop
    scheme: standard             # standard, github, hmac, stripe or token
    secrets: [{env: SHOP_WEBHOOK_SECRET}]
    map: |                       # jq over the body
      {type: ("order." + .status), orderid: .order.number,
       data: {eta: .order.expected, reason: .reason}}
`,
  notification: `webhooks:
  - name: crm                    # as in notify: {webhook: crm, text: …}
    url: https://crm.example.com/hooks/advocate
    secret: {file: /run/secrets/crm}
`,
  knowledge: `knowledge: ./articles         # a folder of Markdown files
`,
  network: `networks:                # "advocate connect bluesky --handle …" prints these lines
  bluesky:
    - handle: shop.example.com
      app_password: {vault: bluesky}
`,
} as const;

export type Writable = keyof typeof snippets;
