using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Starts nginx with one worker, connections kept on both sides, and no access log.</summary>
internal static class NginxProcess
{
    /// <summary>Starts it and waits until it listens on the port.</summary>
    public static async Task<ChildProcess> StartAsync(TestDirectory directory, int port, string servers)
    {
        var prefix = directory.CreateDirectory($"nginx-{port}");
        var file = directory.Write($"nginx-{port}/nginx.conf", $$"""
            daemon off;
            master_process off;
            pid {{prefix}}/nginx.pid;
            error_log stderr crit;
            events { worker_connections 1024; }
            http {
                access_log off;
                keepalive_requests 100000000;
                client_body_temp_path {{prefix}}/body;
                proxy_temp_path {{prefix}}/proxy;
                fastcgi_temp_path {{prefix}}/fastcgi;
                uwsgi_temp_path {{prefix}}/uwsgi;
                scgi_temp_path {{prefix}}/scgi;
            {{servers}}
            }
            """);
        var process = ChildProcess.Start(new ProcessStart("nginx", "-e", "stderr", "-p", prefix, "-c", file) { Input = "" });
        await TcpProbe.WaitUntilListeningAsync(port);
        return process;
    }

    /// <summary>The application behind every pair: about 220 bytes in all, of which 64 are content.</summary>
    public static Task<ChildProcess> StartApplicationAsync(TestDirectory directory, int port) => StartAsync(directory, port, $$"""
        server {
            listen 127.0.0.1:{{port}};
            location / { default_type text/plain; return 200 "{{new string('x', 64)}}"; }
        }
        """);
}
