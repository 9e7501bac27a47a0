using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Tests.Telemetry;

public sealed class AuditLogTests
{
    /// <summary>A detail may quote what a stranger sent, who must not fill the disk with it.</summary>
    [Fact]
    public void DetailOfAnyLength_TakesALineOfBoundedLength()
    {
        using var directory = new TestDirectory();
        var data = new DataDirectory(directory.Path);
        var endless = new string('x', 100_000);
        using (var file = new AuditFile(data))
        {
            var audit = new AuditLog(file.Logger);
            audit.EnrolmentRefused(EnrolmentRefusal.BadRequest, endless, "192.0.2.1");
            audit.CallerRefused(new PeerRejection(RejectionReason.Malformed, endless), "192.0.2.1");
            audit.RevocationRefused(endless, endless);
        }

        File.ReadAllLines(data.AuditFile).Should().HaveCount(3).And.OnlyContain(line => line.Contains("Refused") && line.Length < 4_000);
    }
}
