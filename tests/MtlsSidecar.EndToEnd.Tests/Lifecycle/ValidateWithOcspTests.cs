using System.Text.Json;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>An OCSP response given to <c>mtls-sidecar validate</c>, alone and in a batch.</summary>
public sealed class ValidateWithOcspTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Theory]
    [InlineData("good", 0, "accepted")]
    [InlineData("revoked", 3, "Revoked")]
    [InlineData("unknown", 3, "RevocationUnknown")]
    [InlineData("stale", 3, "RevocationUnknown")]
    [InlineData("garbage", 3, "RevocationUnknown")]
    public async Task Response_DecidesAboutTheLeaf(string kind, int exitCode, string word)
    {
        var response = _pki.Directory.Write("response.der", Response(kind));

        var result = await ValidateAsync("--ocsp", response, "--revocation", "leaf");

        result.ExitCode.Should().Be(exitCode, result.ToString());
        result.Output.Should().Contain(word);
    }

    [Fact]
    public async Task Chain_WantsAnAnswerForTheIntermediateToo()
    {
        var response = _pki.Directory.Write("response.der", Response("good"));
        var crl = _pki.Directory.Write("root.crl", _pki.Root.CreateCrl([]));

        (await ValidateAsync("--ocsp", response)).ExitCode.Should().Be(3);
        (await ValidateAsync("--ocsp", response, "--crl", crl)).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task CrlThatRevokes_OverrulesAGoodResponse()
    {
        var response = _pki.Directory.Write("response.der", Response("good"));
        _pki.Revoke(_pki.Web);

        var result = await ValidateAsync("--ocsp", response, "--crl", _pki.CrlFile);

        result.ExitCode.Should().Be(3);
        result.Output.Should().Contain("Revoked").And.NotContain("RevocationUnknown");
    }

    [Fact]
    public async Task Batch_ConsultsTheResponseOfEachLine()
    {
        var lines = new[] { "good", "revoked" }.Select(kind => JsonSerializer.Serialize(new
        {
            id = kind,
            leaf = File.ReadAllText(_pki.Web.CertificateFile),
            trust = new[] { File.ReadAllText(_pki.BundleFile) },
            untrusted = new[] { File.ReadAllText(_pki.Web.CertificateFile) },
            ocsp = Convert.ToBase64String(Response(kind)),
            revocation = "leaf",
        }));
        var batch = _pki.Directory.Write("batch.jsonl", string.Join('\n', lines));

        var result = await SidecarProgram.RunAsync(null, "validate", "--batch", batch);

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Trim().Split('\n').Select(line => JsonDocument.Parse(line).RootElement.GetProperty("verdict").GetString()).Should().Equal("accepted", "rejected");
    }

    private byte[] Response(string kind)
    {
        var entry = new TestOcspEntry(_pki.Web.Certificate.Certificate, _pki.Issuing.Certificate);
        entry = kind switch
        {
            "revoked" => entry with { Status = TestOcspStatus.Revoked },
            "unknown" => entry with { Status = TestOcspStatus.Unknown },
            "stale" => entry with { NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) },
            _ => entry,
        };
        return kind == "garbage" ? [0x30, 0x03, 0x0A, 0x01] : new TestOcspResponse { Entries = [entry] }.Sign(_pki.Issuing);
    }

    private Task<ProcessResult> ValidateAsync(params string[] options)
        => SidecarProgram.RunAsync(null, ["validate", "--trust", _pki.BundleFile, .. options, _pki.Web.CertificateFile]);
}
