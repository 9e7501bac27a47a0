using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>A real nginx in the foreground, with mutual TLS on one of its sides.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly TestDirectory _directory;
    private readonly ChildProcess _process;

    private Nginx(TestDirectory directory, ChildProcess process, int port)
    {
        (_directory, _process, Port) = (directory, process, port);
    }

    public int Port { get; }

    /// <summary>nginx demands a client certificate and hands requests to a plain application, with what it verified in a header. Its own certificate may be weak.</summary>
    public static Task<Nginx> StartServerAsync(WorkloadPki pki, WorkloadFiles identity, string application) => StartAsync(port => $$"""
        server {
            listen 127.0.0.1:{{port}} ssl http2;
            ssl_certificate {{identity.CertificateFile}};
            ssl_certificate_key {{identity.KeyFile}};
            ssl_ciphers DEFAULT:@SECLEVEL=0;
            ssl_client_certificate {{pki.BundleFile}};
            ssl_crl {{pki.CrlFile}};
            ssl_verify_client on;
            ssl_verify_depth 3;
            location / {
                proxy_pass {{application}};
                proxy_http_version 1.1;
                proxy_set_header X-Verified $ssl_client_verify;
                proxy_set_header X-Client-Subject $ssl_client_s_dn;
            }
        }
        """);

    /// <summary>nginx takes plain HTTP and calls a peer over mutual TLS, one version of TLS if asked.</summary>
    public static Task<Nginx> StartClientAsync(WorkloadPki pki, WorkloadFiles identity, Uri peer, string tlsProtocols = "TLSv1.2 TLSv1.3") => StartAsync(port => $$"""
        server {
            listen 127.0.0.1:{{port}};
            location / {
                proxy_pass https://127.0.0.1:{{peer.Port}};
                proxy_http_version 1.1;
                proxy_ssl_protocols {{tlsProtocols}};
                proxy_ssl_certificate {{identity.CertificateFile}};
                proxy_ssl_certificate_key {{identity.KeyFile}};
                proxy_ssl_trusted_certificate {{pki.BundleFile}};
                proxy_ssl_verify on;
                proxy_ssl_verify_depth 3;
                proxy_ssl_name localhost;
                proxy_ssl_server_name on;
            }
        }
        """);

    /// <summary>nginx as an application that demands a PROXY header and answers HTTP requests with the source that it named.</summary>
    public static Task<Nginx> StartHeaderReaderAsync() => StartAsync(port => $$"""
        server {
            listen 127.0.0.1:{{port}} proxy_protocol;
            location / {
                return 200 "source $proxy_protocol_addr:$proxy_protocol_port";
            }
        }
        """);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static async Task<Nginx> StartAsync(Func<int, string> server)
    {
        var directory = new TestDirectory();
        var port = FreePorts.Next();
        var file = directory.Write("nginx.conf", $$"""
            daemon off;
            master_process off;
            pid {{directory.Path}}/nginx.pid;
            error_log stderr warn;
            events { worker_connections 1024; }
            http {
                access_log off;
                client_body_temp_path {{directory.Path}}/body;
                proxy_temp_path {{directory.Path}}/proxy;
                fastcgi_temp_path {{directory.Path}}/fastcgi;
                uwsgi_temp_path {{directory.Path}}/uwsgi;
                scgi_temp_path {{directory.Path}}/scgi;
            {{server(port)}}
            }
            """);
        var process = ChildProcess.Start(new ProcessStart("nginx", "-e", "stderr", "-p", directory.Path, "-c", file) { Input = "" });
        await Startup.WaitAsync(process, port);
        return new Nginx(directory, process, port);
    }
}
