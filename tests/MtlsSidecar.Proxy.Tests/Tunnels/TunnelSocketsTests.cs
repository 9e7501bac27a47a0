using System.Net.Sockets;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Proxy.Tests.Tunnels;

public sealed class TunnelSocketsTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string Address => _directory["listener.sock"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("precious")]
    [InlineData("")]
    public void PlainFileAtTheAddress_StaysAndIsAnError(string content)
    {
        File.WriteAllText(Address, content);

        AssertNotASocket();

        File.ReadAllText(Address).Should().Be(content);
    }

    [Fact]
    public async Task PipeAtTheAddress_StaysAndIsAnError()
    {
        (await ChildProcess.RunAsync(new ProcessStart("mkfifo", Address))).ExitCode.Should().Be(0);

        AssertNotASocket();

        Path.Exists(Address).Should().BeTrue();
    }

    [Fact]
    public void LinkToASocket_StaysAndIsAnError()
    {
        LeaveOrphan(_directory["other.sock"]);
        File.CreateSymbolicLink(Address, _directory["other.sock"]);

        AssertNotASocket();

        Path.Exists(_directory["other.sock"]).Should().BeTrue();
    }

    [Fact]
    public void SocketThatNobodyListensOn_IsReplaced()
    {
        LeaveOrphan(Address);

        using var listener = TunnelSockets.Listen(new UnixDomainSocketEndPoint(Address));

        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        caller.Connect(new UnixDomainSocketEndPoint(Address));
    }

    [Fact]
    public void SocketThatSomebodyListensOn_IsTaken()
    {
        using var first = TunnelSockets.Listen(new UnixDomainSocketEndPoint(Address));

        var second = () => TunnelSockets.Listen(new UnixDomainSocketEndPoint(Address));

        second.Should().Throw<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.AddressAlreadyInUse);
    }

    /// <summary>The platform removes the file when it closes the socket, as a process that is killed can't: it is moved out of its sight.</summary>
    private static void LeaveOrphan(string path)
    {
        using (var socket = TunnelSockets.Listen(new UnixDomainSocketEndPoint($"{path}.bound")))
        {
            File.Move($"{path}.bound", path);
        }

        Path.Exists(path).Should().BeTrue();
    }

    private void AssertNotASocket()
    {
        var listen = () => TunnelSockets.Listen(new UnixDomainSocketEndPoint(Address));

        listen.Should().Throw<IOException>().WithMessage($"{Address} exists and is not a socket*");
    }
}
