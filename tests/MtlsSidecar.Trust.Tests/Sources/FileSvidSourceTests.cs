using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Tests.Sources;

public sealed class FileSvidSourceTests : IDisposable
{
    private static readonly IssueOptions Workload = new() { Uris = ["spiffe://foo.test/web"] };
    private readonly TestDirectory _directory = new();
    private readonly TestAuthority _root = TestAuthority.CreateRoot();
    private readonly TestAuthority _issuing;
    private readonly TestCertificate _certificate;
    private readonly FileSvidSource _source;
    private int _rotations;

    public FileSvidSourceTests()
    {
        _issuing = _root.CreateIntermediate();
        _certificate = _issuing.Issue(Workload);
        Write(_certificate.CertificatePem, _certificate.KeyPem);
        _source = FileSvidSource.Open(_directory["tls.crt"], _directory["tls.key"]);
        _source.Rotated += () => _rotations++;
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _issuing.Dispose();
        _root.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void UnchangedFiles_AreNoRotation()
    {
        var before = _source.Current;

        _source.Reload().Should().BeNull();

        _source.Current.Should().BeSameAs(before);
        _rotations.Should().Be(0);
    }

    [Fact]
    public void NewLeafAndKey_AreInForce()
    {
        using var renewed = _issuing.Issue(Workload);
        Write(renewed.CertificatePem, renewed.KeyPem);

        _source.Reload().Should().BeNull();

        _source.Current.Certificate.SerialNumberText.Should().BeEquivalentTo(renewed.Certificate.SerialNumber.TrimStart('0'));
        _rotations.Should().Be(1);
    }

    [Fact]
    public void NewIntermediateUnderTheSameLeaf_IsInForce()
    {
        using var certifiedAnew = _root.CrossSign(_issuing);
        Write(LeafPem + certifiedAnew.ExportCertificatePem(), _certificate.KeyPem);

        _source.Reload().Should().BeNull();

        Presented.Should().Equal(certifiedAnew.SerialNumber);
        _rotations.Should().Be(1);
    }

    [Fact]
    public void IntermediateTakenAwayOrAdded_IsARotation()
    {
        Write(LeafPem, _certificate.KeyPem);
        _source.Reload().Should().BeNull();
        Presented.Should().BeEmpty();

        Write(_certificate.CertificatePem, _certificate.KeyPem);
        _source.Reload().Should().BeNull();

        Presented.Should().Equal(_issuing.Certificate.SerialNumber);
        _rotations.Should().Be(2);
    }

    [Fact]
    public void SameKeyWrittenDifferently_IsNoRotation()
    {
        Write(_certificate.CertificatePem, _issuing.Issue(Workload with { Key = _certificate.Key }).KeyPem + "\n");

        _source.Reload().Should().BeNull();

        _rotations.Should().Be(0);
    }

    [Fact]
    public void KeyOfAnotherLeaf_IsRefusedAndTheOldPairStays()
    {
        using var other = _issuing.Issue(Workload);
        Write(_certificate.CertificatePem, other.KeyPem);

        _source.Reload().Should().Contain("tls.key").And.Contain("is not the certificate's");

        _source.LastError.Should().NotBeNull();
        _source.Current.Certificate.RawData.ToArray().Should().Equal(_certificate.Certificate.RawData);
        _rotations.Should().Be(0);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n")]
    [InlineData("")]
    public void BadCertificateFile_IsRefusedUntilItIsMended(string content)
    {
        Write(content, _certificate.KeyPem);
        _source.Reload().Should().Contain("tls.crt");
        _source.LastError.Should().NotBeNull();

        Write(_certificate.CertificatePem, _certificate.KeyPem);
        _source.Reload().Should().BeNull();

        _source.LastError.Should().BeNull();
        _rotations.Should().Be(0);
    }

    [Fact]
    public void MissingKeyFile_IsRefusedAndTheOldPairStays()
    {
        File.Delete(_directory["tls.key"]);

        _source.Reload().Should().Contain("tls.key");

        _source.Current.Certificate.RawData.ToArray().Should().Equal(_certificate.Certificate.RawData);
    }

    [Fact]
    public void PairThatDoesNotFit_IsNotOpened()
    {
        using var other = _issuing.Issue(Workload);
        Write(_certificate.CertificatePem, other.KeyPem);

        var open = () => FileSvidSource.Open(_directory["tls.crt"], _directory["tls.key"]);

        open.Should().Throw<PrivateKeyException>();
    }

    private string LeafPem => _certificate.Certificate.ExportCertificatePem() + "\n";

    /// <summary>Serial numbers of the intermediates that a peer is sent.</summary>
    private IEnumerable<string> Presented => _source.Current.Context.IntermediateCertificates.Select(certificate => certificate.SerialNumber);

    private void Write(string certificate, string key)
    {
        _directory.Write("tls.crt", certificate);
        _directory.Write("tls.key", key);
    }
}
