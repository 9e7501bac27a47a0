using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>The configuration that the outside contract shows, with every section, word for word; and the files that it names.</summary>
public static class ContractSample
{
    public const string Json =
        """
        {
          "Sidecar": {
            "Name": "orders",                                   // shown in logs, metrics, status
            "Identity": {                                       // who this workload is
              "Source": "File",                                 // File | Est
              "CertificateFile": "certs/tls.crt",               // PEM: leaf, then intermediates
              "KeyFile": "certs/tls.key",                       // PEM: PKCS#8, EC or RSA
              "Est": { "Url": "", "TokenFile": "", "StateDirectory": "" }   // the first contact trusts Trust:BundleFile only
            },
            "Trust": {
              "TrustDomain": "foo.test",                        // default: that of the own SPIFFE ID; required if there is none
              "BundleFile": "certs/ca.crt",                     // PEM: trust anchors of the own trust domain
              "Federated": { "bar.test": { "BundleFile": "certs/bar.crt" } }
            },
            "Validation": {
              "Validators": [ "Local" ],                        // in order, all must accept; "Authority" asks the CA server. Path, profile and identity are always checked locally
              "Revocation": "Chain",                            // Off | Leaf | Chain
              "UnknownStatus": "Reject",                        // Reject | Accept: no usable CRL/OCSP answer
              "Crl": {
                "Files": [ "certs/ca.crl" ],                    // PEM or DER, several CRLs in a file allowed, watched
                "Urls": [],                                     // polled, http or https
                "UseDistributionPoints": true,                  // follow the certificates' CDP
                "AllowedHosts": [],                             // empty: any; otherwise only these hosts are fetched from
                "RefreshInterval": "00:05:00",                  // also refreshed ahead of nextUpdate
                "MaxStaleness": "00:00:00",                     // how long past nextUpdate a CRL still counts
                "StaleCutsConnections": false,
                "CacheDirectory": ""
              },
              "Ocsp": { "Enabled": false, "Url": "", "Timeout": "00:00:02" },
              "Authority": { "Url": "", "PeerIdentities": [], "Timeout": "00:00:02", "CacheDuration": "00:01:00" }
            },
            "Inbound": {                                        // mTLS from peers → the local application
              "Listen": "https://0.0.0.0:8443",
              "Application": "http://127.0.0.1:8080",           // or unix:///run/app.sock
              "ApplicationProtocol": "Http1",                   // Http1 | Http2 (cleartext, gRPC)
              "ForwardedClientCert": "SanitizeSet",             // Sanitize | ForwardOnly | AppendForward | SanitizeSet
              "ClientCertHeader": false,                        // RFC 9440 Client-Cert and Client-Cert-Chain
              "EscapedSlashes": "Reject",                       // Reject | Forward
              "HandshakeTimeout": "00:00:10", "Timeout": "00:00:30", "IdleTimeout": "00:05:00",
              "MaxConnections": 10000, "MaxConnectionsPerPeer": 1000, "MaxStreamsPerConnection": 100
            },
            "Outbound": {                                       // local application → mTLS to peers; loopback only
              "Listen": "http://127.0.0.1:15001",
              "Upstreams": {
                "users": {                                      // reached as host `users`
                  "Destinations": [ "https://users.internal:8443" ],
                  "PeerIdentities": [ "spiffe://foo.test/ns/default/sa/users" ],
                  "Protocol": "Http2",                          // Http1 | Http2 between sidecars
                  "LoadBalancing": "PowerOfTwoChoices",         // YARP's policy names
                  "Listen": "http://127.0.0.1:15101",           // optional: a port of its own for this upstream
                  "Timeout": "00:00:30",                        // until response headers
                  "IdleTimeout": "00:05:00"                     // no byte either way; off for WebSocket, gRPC, event streams
                }
              }
            },
            "Tunnels": {                                        // opaque TCP over mTLS; names other than Inbound/Outbound
              "amqp-out": { "Direction": "Outbound", "Listen": "tcp://127.0.0.1:5672", "Destinations": [ "tcp://rabbit.internal:5671" ], "PeerIdentities": [ "spiffe://foo.test/ns/default/sa/rabbit" ] },
              "amqp-in":  { "Direction": "Inbound",  "Listen": "tcp://0.0.0.0:5671",  "Destinations": [ "tcp://127.0.0.1:5672" ], "ProxyProtocol": "Off" }   // Off | V2 | V2Tls
              // each also: Alpn, ConnectTimeout, IdleTimeout, MaxLifetime, MaxConnections, MaxConnectionsPerPeer; unix:///path on the local side
            },
            "Authorization": {                                  // of inbound requests and inbound tunnels. No matching Allow ⇒ denied; no policy at all ⇒ everything is denied
              "Policies": [
                { "Name": "callers", "Action": "Allow",         // Allow | Deny | Audit; Deny wins over Allow
                  "Rules": [ { "From": [ { "Principals": [ "spiffe://foo.test/ns/default/sa/web" ] } ],
                               "To":   [ { "Methods": [ "GET" ], "Paths": [ "/api/*" ], "Listeners": [ "Inbound" ] } ] } ] }
              ]
            },
            "Admin":  { "Listen": "http://127.0.0.1:15000", "Probes": "http://0.0.0.0:15021" },
            "Drain":  { "Delay": "00:00:00", "GracePeriod": "00:00:25" }
          },
          "Serilog": { "MinimumLevel": { "Default": "Information" } }
        }
        """;

    /// <summary>Writes it as <c>appsettings.json</c> with the files that it names beside it, and returns the directory.</summary>
    public static string Write(WorkloadPki pki)
    {
        pki.Directory.Write("sample/appsettings.json", Json);
        pki.Directory.Write("sample/certs/tls.crt", pki.Orders.Certificate.CertificatePem);
        pki.Directory.Write("sample/certs/tls.key", pki.Orders.Certificate.KeyPem);
        pki.Directory.Write("sample/certs/ca.crt", File.ReadAllText(pki.BundleFile));
        pki.Directory.Write("sample/certs/bar.crt", pki.ForeignRoot.Certificate.ExportCertificatePem());
        pki.Directory.Write("sample/certs/ca.crl", File.ReadAllText(pki.CrlFile));
        return pki.Directory["sample"];
    }
}
