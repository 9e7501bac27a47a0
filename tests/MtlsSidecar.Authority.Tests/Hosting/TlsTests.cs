using System.Net;
using System.Net.Sockets;
using System.Text;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Authority.Tests.Hosting;

/// <summary>What the server demands of a caller's connection, whatever the machine's OpenSSL would put up with: here it is set to speak anything.</summary>
public sealed class TlsTests(TlsTests.Fixture fixture) : IClassFixture<TlsTests.Fixture>
{
    private const string Request = "GET /.well-known/est/cacerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private AuthorityProcess Authority => fixture.Authority;

    [Theory]
    [InlineData("-tls1", false)]
    [InlineData("-tls1_1", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task ObsoleteTls_IsRefused(string protocol, bool isSpoken)
    {
        var result = await OpenSslClient.SendAsync(Authority.TlsPort, Request, workload: null, protocol);

        result.Output.Contains("HTTP/1.1 200", StringComparison.Ordinal).Should().Be(isSpoken, result.ToString());
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Session_IsNeverResumed(string protocol)
    {
        var session = Authority.Program[$"session{protocol}"];
        (await OpenSslClient.SendAsync(Authority.TlsPort, Request, workload: null, protocol, "-sess_out", session)).Output.Should().Contain("HTTP/1.1 200");

        // OpenSSL hands out a session even where it will not take it back; without one there is nothing to try.
        var again = await OpenSslClient.SendAsync(Authority.TlsPort, Request, workload: null, [protocol, .. File.Exists(session) ? new[] { "-sess_in", session } : []]);

        again.Output.Should().Contain("HTTP/1.1 200").And.NotContain("Reused,");
    }

    [Fact]
    public async Task CallerThatNeverBeginsItsHandshake_IsCut()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Authority.TlsPort);

        (await ReadToEndAsync(client)).Should().BeEmpty();
    }

    [Fact]
    public async Task CallerThatNeverFinishesItsRequest_IsCut()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Authority.Publish.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /ocsp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\nContent-Length: 100\r\n\r\n"));

        (await ReadToEndAsync(client)).Should().StartWith("HTTP/1.1 408");
    }

    /// <summary>What the server sends until it ends the connection, which it does some day: that is what the tests are about.</summary>
    private static async Task<string> ReadToEndAsync(TcpClient client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await client.GetStream().ReadAsync(buffer, patience.Token)) > 0;)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Ended by a reset, which is an end as well.
        }

        return answer.ToString();
    }

    public sealed class Fixture : IAsyncLifetime
    {
        private readonly AuthorityProgram _program = new();

        public AuthorityProcess Authority { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _program.Environment["OPENSSL_CONF"] = _program.Write("openssl.cnf", OpenSsl.AnythingGoes);
            await _program.RunWellAsync("init");
            Authority = await AuthorityProcess.StartAsync(_program, ownsProgram: true, []);
        }

        public async Task DisposeAsync() => await Authority.DisposeAsync();
    }
}
