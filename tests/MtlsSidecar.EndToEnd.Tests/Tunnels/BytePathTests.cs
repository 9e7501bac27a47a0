using System.Security.Cryptography;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>What goes in at one end of two sidecars comes out at the other, ends and resets included.</summary>
public sealed class BytePathTests(TunnelFixture fixture) : IClassFixture<TunnelFixture>
{
    [Fact]
    public async Task ServerThatSpeaksFirst_IsHeard()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = caller;
        await using var __ = application;

        await application.SendAsync("220 ready\r\n");

        (await caller.ReadUntilAsync("\r\n")).Should().Be("220 ready\r\n");
    }

    [Fact]
    public async Task HalfClosedByTheCaller_StillDeliversTheReply()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = caller;
        await using var __ = application;

        await caller.SendAsync("all I have");
        await caller.EndAsync();
        (await application.ReadToEndAsync()).Should().Be("all I have");
        await application.SendAsync("reply");
        await application.EndAsync();

        (await caller.ReadToEndAsync()).Should().Be("reply");
    }

    [Fact]
    public async Task HalfClosedByTheApplication_StillTakesBytes()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = caller;
        await using var __ = application;

        await application.SendAsync("that is all");
        await application.EndAsync();
        (await caller.ReadToEndAsync()).Should().Be("that is all");
        await caller.SendAsync("last words");
        await caller.EndAsync();

        (await application.ReadToEndAsync()).Should().Be("last words");
    }

    [Fact]
    public async Task ResetByTheCaller_ReachesTheApplicationAsReset()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = application;
        await caller.SendAsync("half a mess");
        await application.ReadUntilAsync("mess");

        caller.Reset();

        (await application.EndsInResetAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task ResetByTheApplication_ReachesTheCallerAsReset()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = caller;
        await application.SendAsync("half a mess");
        await caller.ReadUntilAsync("mess");

        application.Reset();

        (await caller.EndsInResetAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task OrderlyEnd_IsNoReset()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = caller;

        await application.SendAsync("bye");
        await application.DisposeAsync();

        (await caller.EndsInResetAsync()).Should().BeFalse();
    }

    [Fact]
    public async Task PeerThatNeverSaysGoodbyeInTls_EndsInOrderAllTheSame()
    {
        var (peer, application) = await fixture.ConnectPeerAsync();
        await using var _ = application;
        await peer.SendAsync("all I have");

        // .NET's SslStream closes without close_notify, as many programs do.
        await peer.DisposeAsync();

        (await application.ReadToEndAsync()).Should().Be("all I have");
    }

    [Fact]
    public async Task ManyBytesBothWaysAtOnce_ArriveUnchanged()
    {
        const int Length = 32 * 1024 * 1024;
        var (caller, application) = await fixture.ConnectAsync();
        await using var _ = caller;
        await using var __ = application;
        var (there, back) = (RandomNumberGenerator.GetBytes(Length), RandomNumberGenerator.GetBytes(Length));

        var received = await Task.WhenAll(
            ReceiveAsync(application.Stream, Length), ReceiveAsync(caller.Stream, Length), SendAsync(caller, there), SendAsync(application, back));

        received[0].Should().Equal(SHA256.HashData(there));
        received[1].Should().Equal(SHA256.HashData(back));
    }

    [Fact]
    public async Task UnixSocketsAtBothEnds_CarryAsWell()
    {
        await using var application = TcpApplication.Echo(fixture.Pki.Directory["application.sock"]);
        var entry = fixture.Pki.Directory["entry.sock"];
        await using var pair = await TunnelPair.StartAsync(
            fixture.Pki, application.Address, web: settings => settings.Set($"Tunnels:{TunnelPair.Out}:Listen", $"unix://{entry}"));
        await using var caller = await WireConnection.ConnectUnixAsync(entry);

        await caller.SendAsync("over files");
        await caller.EndAsync();

        (await caller.ReadToEndAsync()).Should().Be("over files");
    }

    private static async Task<byte[]> SendAsync(WireConnection connection, byte[] bytes)
    {
        await connection.Stream.WriteAsync(bytes);
        return [];
    }

    private static async Task<byte[]> ReceiveAsync(Stream stream, int length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        for (var left = length; left > 0;)
        {
            var count = await stream.ReadAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)));
            count.Should().BePositive("all bytes must arrive");
            hash.AppendData(buffer, 0, count);
            left -= count;
        }

        return hash.GetHashAndReset();
    }
}
